import { Argument, Command, Option } from 'commander';
import type { ExecOptions } from './commands/exec-request.ts';
import { schemaCommand, schemaNames } from './commands/schema.ts';
import type { Context } from './context.ts';
import {
  archiveOption,
  type CommonOptions,
  colorOption,
  destroyDataOption,
  engineOption,
  fileOption,
  flag,
  jailOption,
  jsonOption,
  noArchiveOption,
  wantsColor,
  yesOption,
} from './options.ts';
import { addVerifyOptions, type VerifyOptions } from './verify-options.ts';

type Run = (context: Context, options: CommonOptions & { useColor: boolean }) => Promise<number>;

/** What a finished command line asks for. */
export interface Outcome {
  exitCode: number;
}

const exitCodesHelp = `
Exit codes:
  0  done                          5  another jailctl is at work; exec: every
  1  failed; doctor: a problem        user of the jail is busy
  2  plan --detailed-exitcode      6  verify: a jail does not hold, or is not
     found changes                    proven to
  3  bad manifest or usage         7  a privilege or a host tool is missing
                                   130, 143  interrupted
  4  refused: a conflict, a protected jail, not approved; exec --strict: the jail
     is not as the manifest says

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
  addVerifyCommand(program, act);
  addDoctorCommand(program, act);
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
      const { execBatch } = await import('./commands/exec-batch.ts');
      outcome.exitCode = await execBatch(context, jail, options.batch, options);
      return;
    }
    if (name === undefined) return usage('which program?');
    if (options.print === true) {
      const { printCommand } = await import('./commands/exec-print.ts');
      outcome.exitCode = await printCommand(context, jail, [name, ...rest], options);
      return;
    }
    const { execCommand } = await import('./commands/exec.ts');
    outcome.exitCode = await execCommand(context, jail, [name, ...rest], options);
  });
}

function addVerifyCommand(program: Command, act: Act): void {
  const verify = addVerifyOptions(
    program
      .command('verify')
      .description('attack the jails of this host, and say with evidence what holds'),
  );
  act(verify, async (context, { useColor }) => {
    const options: VerifyOptions = { ...verify.opts(), useColor };
    if (options.list === true) {
      return (await import('./commands/verify-list.ts')).verifyListCommand(context, options);
    }
    if (options.mutate === true) {
      return (await import('./commands/mutate.ts')).mutateCommand(context, options);
    }
    return (await import('./commands/verify.ts')).verifyCommand(context, options);
  });
}

function addDoctorCommand(program: Command, act: Act): void {
  const doctor = program
    .command('doctor')
    .description('find what old users left on this host; exits with 1 when there is a problem')
    .addOption(
      new Option('-f, --file <file>', 'a manifest, to look for the UIDs of its pool as well').env(
        'JAILCTL_FILE',
      ),
    )
    .addOption(jsonOption())
    .addOption(colorOption());
  act(doctor, async (context, { useColor }) =>
    (await import('./commands/doctor.ts')).doctorCommand(context, { ...doctor.opts(), useColor }),
  );
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
      .addOption(destroyDataOption())
      .addOption(archiveOption())
      .addOption(noArchiveOption())
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
      .addOption(destroyDataOption())
      .addOption(archiveOption())
      .addOption(noArchiveOption())
      .addOption(jsonOption())
      .addOption(colorOption()),
    async (context, options) =>
      (await import('./commands/destroy.ts')).destroyCommand(context, options),
  );
  act(
    program
      .command('rehearse')
      .description('apply, plan, verify, destroy and compare, on a throwaway copy of this host')
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
