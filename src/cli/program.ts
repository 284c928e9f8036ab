import { Argument, Command, Option } from 'commander';
import { engineNames } from '../run/run-spec.ts';
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

type Run = (context: Context, options: CommonOptions & { useColor: boolean }) => Promise<number>;

/** What a finished command line asks for. */
export interface Outcome {
  exitCode: number;
}

const exitCodesHelp = `
Exit codes:
  0  done                          5  another jailctl is at work
  1  failed                        7  a privilege or a host tool is missing
  2  plan --detailed-exitcode      130, 143  interrupted
     found changes
  3  bad manifest or usage
  4  refused: a conflict, a protected jail, or not approved

exec exits as the program did: 128 and the number of a signal that ended it, 126
not executable, 127 not found; 125 when the sandbox itself failed.
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
  addExecCommand(program, context, outcome);
  for (const command of program.commands) {
    command.showHelpAfterError(`(jailctl ${command.name()} --help shows how it is used)`);
  }
  return program;
}

/** An option that can be repeated. A variadic one would take the jail's name too. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Options of jailctl stand before the jail; all that follows is the program's. */
function addExecCommand(program: Command, context: Context, outcome: Outcome): void {
  program.enablePositionalOptions();
  const exec = program
    .command('exec')
    .description('run one program in a jail, with every layer in force')
    .argument('<jail>', 'a jail of this host, or JAIL/USER for a given user')
    .argument('<command...>', 'the program and its arguments, after --')
    .passThroughOptions()
    .addOption(
      new Option('--engine <name>', 'what runs it').choices(engineNames).env('JAILCTL_ENGINE'),
    )
    .option('--limit <name=value>', 'a stricter limit for this run: memory=64MiB', collect)
    .option('--allow-raise', 'limits may be weaker than those of the jail')
    .option('--env <name=value>', 'a variable for the program, which gets none of ours', collect)
    .option('--fresh-home', 'an empty home in memory, gone after the run')
    .option('--wait', 'wait until a user of the jail is free')
    .option('--meta <file>', "the result in the format of isolate's meta file")
    .addOption(jsonOption());
  exec.action(async (jail: string, words: readonly string[]) => {
    // Commander passes it on when options are passed through.
    const [program, ...rest] = words[0] === '--' ? words.slice(1) : words;
    if (program === undefined) exec.error('error: which program?', { code: 'jailctl.noProgram' });
    const command = [program as string, ...rest] as const;
    const { execCommand } = await import('./commands/exec.ts');
    outcome.exitCode = await execCommand(context, jail, command, exec.opts());
  });
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
