import type { Command } from 'commander';
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

export function addApplyCommand(program: Command, act: Act): void {
  const apply = program
    .command('apply')
    .description('make this host as the manifest says')
    .argument('[plan]', 'a saved plan: manifest, jails and archive are those that it names');
  act(
    apply
      .addOption(fileOption())
      .addOption(jailOption())
      .addOption(yesOption())
      .addOption(destroyDataOption())
      .addOption(archiveOption())
      .addOption(noArchiveOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) => {
      const [plan] = apply.processedArgs;
      if (plan === undefined) {
        return (await import('../commands/apply.ts')).applyCommand(context, options);
      }
      for (const name of ['file', 'jail', 'archive'] as const) {
        if (apply.getOptionValueSource(name) !== 'cli') continue;
        apply.error(`error: --${name} and a saved plan do not go together: the plan has its own`);
      }
      return (await import('../commands/apply-saved.ts')).applySaved(context, plan, options);
    },
  );
}

export function addDestroyCommand(program: Command, act: Act): void {
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
}

export function addRehearseCommand(program: Command, act: Act): void {
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
