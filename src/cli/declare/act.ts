import type { Command } from 'commander';
import type { Context, Start } from '../context.ts';
import { type CommonOptions, wantsColor } from '../options.ts';

/** What a finished command line asks for. */
export interface CommandEnd {
  exitCode: number;
}

export type Run = (
  context: Context,
  options: CommonOptions & { readonly useColor: boolean },
) => Promise<number>;

/** Says what a declared command does. */
export type Act = (command: Command, run: Run) => Command;

/** @param end is told how the command ended */
export function actWith({ output, openContext }: Start, end: CommandEnd): Act {
  return (command, run) =>
    command.action(async () => {
      const options = command.opts<CommonOptions>();
      const useColor = wantsColor(options.color ?? 'never', output.resultStream, process.env);
      end.exitCode = await run(await openContext(), { ...options, useColor });
    });
}
