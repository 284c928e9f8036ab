import { type Command, Option } from 'commander';
import {
  archiveOption,
  colorOption,
  destroyDataOption,
  fileOption,
  jailOption,
  jsonOption,
  noArchiveOption,
  yesOption,
} from '../options.ts';
import type { Act } from './act.ts';

/** Commands that make a plan. */
export function addChangeCommands(program: Command, act: Act): void {
  const detailed = new Option('--detailed-exitcode', 'exit with 2 when there are changes').env(
    'JAILCTL_DETAILED_EXITCODE',
  );
  act(
    program
      .command('plan')
      .description('show what apply would do; changes nothing')
      .addOption(fileOption())
      .addOption(jailOption())
      .addOption(detailed)
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) => (await import('../commands/plan.ts')).planCommand(context, options),
  );
  act(
    program
      .command('apply')
      .description('make this host as the manifest says')
      .addOption(fileOption())
      .addOption(jailOption())
      .addOption(yesOption())
      .addOption(destroyDataOption())
      .addOption(archiveOption())
      .addOption(noArchiveOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('../commands/apply.ts')).applyCommand(context, options),
  );
  act(
    program
      .command('destroy')
      .description('remove jails with their users, files and rules; needs no manifest')
      .addOption(jailOption())
      .addOption(yesOption())
      .addOption(destroyDataOption())
      .addOption(archiveOption())
      .addOption(noArchiveOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('../commands/destroy.ts')).destroyCommand(context, options),
  );
  act(
    program
      .command('rehearse')
      .description('apply, plan, verify, destroy and compare, on a throwaway copy of this host')
      .addOption(fileOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('../commands/rehearse.ts')).rehearseCommand(context, options),
  );
}
