import { type Command, Option } from 'commander';
import type { ExecOptions } from '../commands/exec-request.ts';
import type { Start } from '../context.ts';
import { collect, engineOption, flag, jsonOption } from '../options.ts';
import type { CommandEnd } from './act.ts';

/** Options of jailctl stand before the jail; all that follows is the program's. */
export function addExecCommand(program: Command, { openContext }: Start, end: CommandEnd): void {
  const exec = program
    .command('exec')
    .description('run one program in a jail, or a batch of them, in a sandbox')
    .argument('<jail>', 'a jail of this host, or JAIL/USER for a given user')
    .argument('[command...]', 'the program and its arguments, after --')
    .passThroughOptions()
    .addOption(engineOption())
    .option('--limit <name=value>', 'a stricter limit for this run: memory=64MiB', collect)
    .addOption(flag('allow-raise', 'limits may be weaker than those of the jail'))
    .option('--env <name=value>', 'a variable for the program, which gets none of ours', collect)
    .option('--in <file>', 'copy a file into the home first, under its own name', collect)
    .option('--copy-in <src:dst>', 'copy a file of the host into the jail first', collect)
    .option('--copy-out <src:dst>', 'copy a file out of the jail when the program ended', collect)
    .addOption(flag('fresh-home', 'give it an empty home in memory, gone after the run'))
    .addOption(flag('clean-home', 'empty the home after the run'))
    .addOption(flag('tty', 'give the program a terminal: this one'))
    .addOption(flag('wait', 'wait until a user of the jail is free'))
    .option('--batch <jobs>', 'run the jobs of an NDJSON file, - for stdin, over all users')
    .option('--print', 'print a shell script that runs it without jailctl; runs nothing')
    .option('--meta <file>', "write the result in the format of isolate's meta file")
    .addOption(jsonOption())
    .addOption(new Option('-f, --file <file>', 'the manifest to compare with').env('JAILCTL_FILE'))
    .addOption(flag('strict', 'refuse when the jail is not as the manifest says'));
  exec.action(async (jail: string, words: readonly string[]) => {
    const options = exec.opts<ExecOptions>();
    // Commander passes it on when options are passed through.
    const [name, ...rest] = words[0] === '--' ? words.slice(1) : words;
    const usage = (message: string) => exec.error(`error: ${message}`, { code: 'jailctl.exec' });
    if (options.batch !== undefined) {
      if (name !== undefined) usage('--batch has the programs in its file');
      for (const other of ['tty', 'print', 'meta'] as const) {
        if (options[other] !== undefined) usage(`--batch and --${other} do not go together`);
      }
      const { execBatch } = await import('../commands/exec-batch.ts');
      end.exitCode = await execBatch(await openContext(), jail, options.batch, options);
      return;
    }
    if (name === undefined) return usage('which program?');
    if (options.print === true) {
      const { printCommand } = await import('../commands/exec-print.ts');
      end.exitCode = await printCommand(await openContext(), jail, [name, ...rest], options);
      return;
    }
    const { execCommand } = await import('../commands/exec.ts');
    end.exitCode = await execCommand(await openContext(), jail, [name, ...rest], options);
  });
}
