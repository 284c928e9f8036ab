import { join } from 'node:path';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { Context } from '../context.ts';

export const shellNames = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shellNames)[number];

/** Prints the script that has a shell complete the command line of jailctl. */
export function completionCommand(context: Context, shell: ShellName): ExitCode {
  const name = `completions/jailctl.${shell}`;
  const text = context.reader.readText(join(context.packageRoot, name));
  if (text === undefined) throw new Failure(`this installation of jailctl lacks ${name}`);
  context.output.result(text);
  return exitCode.done;
}
