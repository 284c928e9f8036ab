import type { Command } from 'commander';
import { addVerifyOptions, type VerifyOptions } from '../verify-options.ts';
import type { Act } from './act.ts';

export function addVerifyCommand(program: Command, act: Act): void {
  const verify = addVerifyOptions(
    program
      .command('verify')
      .description('attack the jails of this host, and say with evidence what holds'),
  );
  act(verify, async (context, { useColor }) => {
    const options: VerifyOptions = { ...verify.opts(), useColor };
    if (options.list === true) {
      return (await import('../commands/verify-list.ts')).verifyListCommand(context, options);
    }
    if (options.mutate === true) {
      return (await import('../commands/mutate.ts')).mutateCommand(context, options);
    }
    return (await import('../commands/verify.ts')).verifyCommand(context, options);
  });
}
