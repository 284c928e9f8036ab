import { Argument, Command, Option } from 'commander';
import type { ExitCode } from '../model/exit-code.ts';
import { schemaCommand, schemaNames } from './commands/schema.ts';
import type { Context } from './context.ts';
import {
  type CommonOptions,
  colorOption,
  fileOption,
  jailOption,
  jsonOption,
  wantsColor,
  yesOption,
} from './options.ts';

type Run = (context: Context, options: CommonOptions & { useColor: boolean }) => Promise<ExitCode>;

/** What a finished command line asks for. */
export interface Outcome {
  exitCode: ExitCode;
}

const exitCodesHelp = `
Exit codes:
  0  done                          5  another jailctl is at work
  1  failed                        7  a privilege or a host tool is missing
  2  plan --detailed-exitcode      130, 143  interrupted
     found changes
  3  bad manifest or usage
  4  refused: a conflict, a protected jail, or not approved
`;

/**
 * The command line. A command is loaded when it is called, so that \`--version\` waits for none of
 * them; \`schema\` is small, and the help names its documents.
 */
export function createProgram(context: Context, version: string, outcome: Outcome): Command {
  const program = new Command('jailctl')
    .description('Declarative provisioning of Linux jails that run untrusted code.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(jailctl --help shows how it is used)')
    .addHelpText('after', exitCodesHelp);

  const act = (command: Command, run: Run) =>
    command.action(async () => {
      const options = command.opts<CommonOptions>();
      const useColor = wantsColor(options.color ?? 'never', process.stdout, process.env);
      outcome.exitCode = await run(context, { ...options, useColor });
    });

  addChangeCommands(program, act);
  addManifestCommands(program, act);
  for (const command of program.commands) {
    command.showHelpAfterError(`(jailctl ${command.name()} --help shows how it is used)`);
  }
  return program;
}

type Act = (command: Command, run: Run) => Command;

function addChangeCommands(program: Command, act: Act): void {
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
    async (context, options) => (await import('./commands/plan.ts')).planCommand(context, options),
  );
  act(
    program
      .command('apply')
      .description('make this host as the manifest says')
      .addOption(fileOption())
      .addOption(jailOption())
      .addOption(yesOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('./commands/apply.ts')).applyCommand(context, options),
  );
  act(
    program
      .command('destroy')
      .description('remove jails with their users, files and rules; needs no manifest')
      .addOption(jailOption())
      .addOption(yesOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('./commands/destroy.ts')).destroyCommand(context, options),
  );
  act(
    program
      .command('rehearse')
      .description('apply, plan again, destroy and compare, on a throwaway copy of this host')
      .addOption(fileOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('./commands/rehearse.ts')).rehearseCommand(context, options),
  );
}

function addManifestCommands(program: Command, act: Act): void {
  const init = program
    .command('init')
    .description('write an example manifest with its requirement files')
    .addArgument(new Argument('[directory]', 'where to').default('.'));
  act(init, async (context) =>
    (await import('./commands/init.ts')).initCommand(context, init.processedArgs[0]),
  );
  act(
    program
      .command('validate')
      .description('check a manifest, and that this host has the tools')
      .addOption(fileOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('./commands/validate.ts')).validateCommand(context, options),
  );
  const explain = program
    .command('explain')
    .description('say why a path is in a jail, or what each tool brings')
    .argument('<jail>', 'a jail of the manifest')
    .argument('[path]', 'a path in the jail')
    .addOption(fileOption())
    .addOption(jsonOption())
    .addOption(colorOption());
  act(explain, async (context, options) => {
    const [jail, path] = explain.processedArgs;
    return (await import('./commands/explain.ts')).explainCommand(context, jail, path, options);
  });
  const schema = program
    .command('schema')
    .description('print a JSON Schema')
    .addArgument(
      new Argument('[document]', 'of which document').choices(schemaNames).default('manifest'),
    );
  act(schema, async (context) => schemaCommand(context, schema.processedArgs[0]));
}
