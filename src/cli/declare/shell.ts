import { Argument, type Command } from 'commander';
import { completionCommand, shellNames } from '../commands/completion.ts';
import type { Act } from './act.ts';

const shell = () => new Argument('<shell>', 'which one').choices(shellNames);

export function addCompletionCommand(program: Command, act: Act): void {
  const completion = program
    .command('completion')
    .description(
      'print a script that completes jailctl in a shell: eval "$(jailctl completion bash)"',
    )
    .addArgument(shell());
  act(completion, async (context) => completionCommand(context, completion.processedArgs[0]));
}

/** For the scripts of `completion`. */
export function addCompleteCommand(program: Command, act: Act): void {
  const complete = program
    .command('complete', { hidden: true })
    .description('answer a completion script')
    .addArgument(shell())
    .argument('[words...]', 'of the command line, after --');
  act(complete, async (context) => {
    const [name, words] = complete.processedArgs;
    const { completeCommand } = await import('../commands/complete.ts');
    return completeCommand(context, program, name, words);
  });
}
