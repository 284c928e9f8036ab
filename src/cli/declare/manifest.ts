import { Argument, type Command } from 'commander';
import { schemaCommand, schemaNames } from '../commands/schema.ts';
import { colorOption, fileOption, flag, jsonOption } from '../options.ts';
import type { Act } from './act.ts';

export function addInitCommand(program: Command, act: Act): void {
  const init = program
    .command('init')
    .description('write an example manifest with its requirement files')
    .addArgument(new Argument('[directory]', 'where to').default('.'));
  act(init, async (context) =>
    (await import('../commands/init.ts')).initCommand(context, init.processedArgs[0]),
  );
}

export function addValidateCommand(program: Command, act: Act): void {
  act(
    program
      .command('validate')
      .description('check a manifest, and that this host has the tools')
      .addOption(fileOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('../commands/validate.ts')).validateCommand(context, options),
  );
}

export function addExplainCommand(program: Command, act: Act): void {
  const explain = program
    .command('explain')
    .description('say why a path is in a jail, or what each tool brings')
    .argument('<jail>', 'a jail of the manifest')
    .argument('[path]', 'a path in the jail')
    .addOption(fileOption())
    .addOption(flag('sbom', 'print what the jail is made of, as CycloneDX 1.6 (JSON)'))
    .addOption(jsonOption())
    .addOption(colorOption());
  act(explain, async (context, options) => {
    const [jail, path] = explain.processedArgs;
    const { explainCommand, sbomCommand } = await import('../commands/explain.ts');
    if (explain.opts<{ sbom?: boolean }>().sbom !== true) {
      return explainCommand(context, jail, path, options);
    }
    if (path !== undefined) explain.error('error: --sbom is of a whole jail, and takes no path');
    return sbomCommand(context, jail, options.file, program.version() ?? '', process.env);
  });
}

export function addSchemaCommand(program: Command, act: Act): void {
  const schema = program
    .command('schema')
    .description('print a JSON Schema')
    .addArgument(
      new Argument('[document]', 'of which document').choices(schemaNames).default('manifest'),
    );
  act(schema, async (context) => schemaCommand(context, schema.processedArgs[0]));
}
