import { type Command, Option } from 'commander';
import type { ImportOptions } from '../commands/import.ts';
import { colorOption, fileOption, flag, jsonOption, yesOption } from '../options.ts';
import type { Act } from './act.ts';

/** Makes a manifest of what was made without jailctl, and takes it over. */
export function addImportCommand(program: Command, act: Act): void {
  const command = program
    .command('import')
    .description('write a manifest for jails made without jailctl, or take such jails over')
    .argument('[jail...]', 'their directories or names; all that are found, where none is named')
    .addOption(
      new Option(
        '--out <file>',
        'write the manifest there, which must be new; with --ini a directory',
      ).env('JAILCTL_OUT'),
    )
    .addOption(
      new Option(
        '--ini <file>',
        "write requirement files for sections of Jailkit's jk_init.ini",
      ).env('JAILCTL_INI'),
    )
    .addOption(flag('adopt', 'take over the jails of the manifest that stand on this host'))
    .addOption(fileOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addOption(colorOption());
  act(command, async (context, { useColor }) => {
    const options: ImportOptions = { ...command.opts(), useColor };
    const names = command.processedArgs[0] as readonly string[];
    const usage = (message: string) =>
      command.error(`error: ${message}`, { code: 'jailctl.import' });
    if (options.adopt === true) {
      if (options.out !== undefined) usage('--adopt reads a manifest, and --out writes one');
      if (options.ini !== undefined) usage('--adopt and --ini do not go together');
      return (await import('../commands/import-adopt.ts')).importAdopt(context, names, options);
    }
    if (options.ini !== undefined) {
      if (options.json === true) usage('--ini has no JSON to print');
      return (await import('../commands/import-ini.ts')).importIni(context, names, options);
    }
    return (await import('../commands/import.ts')).importCommand(context, names, options);
  });
}
