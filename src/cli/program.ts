import { type Argument, Command, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../model/nearest.ts';
import type { Start } from './context.ts';
import { type Act, actWith, type CommandEnd } from './declare/act.ts';
import { addApplyCommand, addDestroyCommand, addRehearseCommand } from './declare/change.ts';
import { addExecCommand } from './declare/exec.ts';
import {
  addDoctorCommand,
  addObserveCommand,
  addSetupCommand,
  addStatusCommand,
} from './declare/host.ts';
import { addImportCommand } from './declare/import.ts';
import {
  addExplainCommand,
  addInitCommand,
  addSchemaCommand,
  addValidateCommand,
} from './declare/manifest.ts';
import { addPlanCommand } from './declare/plan.ts';
import { addCompleteCommand, addCompletionCommand } from './declare/shell.ts';
import { addVerifyCommand } from './declare/verify.ts';

/** Stands below the help, and in jailctl(1). */
export const exitCodesHelp = `
Exit codes:
  0  done                          5  another jailctl is at work; exec: every
  1  failed; doctor: a problem        user of the jail is busy
  2  plan --detailed-exitcode      6  verify: a jail does not hold, or is not
     found changes                    proven to
  3  bad manifest or usage         7  a privilege or a host tool is missing
                                   8  apply FILE: the saved plan is stale
                                   130, 143  interrupted
  4  refused: a conflict, a protected jail, not approved; exec --strict: the jail
     is not as the manifest says

exec exits as the program did: 128 and the number of a signal that ended it, 126
not executable, 127 not found; 125 when the sandbox itself failed.
`;

/** commander suggests commands and options; this is for what can be chosen. */
function suggestChoice(one: Option | Argument): void {
  const { argChoices: choices } = one;
  if (choices === undefined) return;
  one.argParser((value) => {
    if (choices.includes(value)) return value;
    const near = nearest(value, choices);
    const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.${hint}`);
  });
}

/** Every command, in the order of the help. */
const declarations: Readonly<
  Record<string, (program: Command, act: Act, jailctl: Start, end: CommandEnd) => void>
> = {
  plan: addPlanCommand,
  apply: addApplyCommand,
  destroy: addDestroyCommand,
  rehearse: addRehearseCommand,
  init: addInitCommand,
  validate: addValidateCommand,
  explain: addExplainCommand,
  schema: addSchemaCommand,
  exec: (program, _, jailctl, end) => addExecCommand(program, jailctl, end),
  verify: addVerifyCommand,
  setup: addSetupCommand,
  doctor: addDoctorCommand,
  observe: addObserveCommand,
  status: addStatusCommand,
  import: addImportCommand,
  completion: addCompletionCommand,
  complete: addCompleteCommand,
};

/**
 * The commands that a command line may be about: to declare all of them takes as long as to load
 * commander. `complete` answers for all.
 */
function commandsFor([first = '']: readonly string[]): readonly string[] {
  if (['--version', '-V'].includes(first)) return [];
  return first !== 'complete' && Object.hasOwn(declarations, first)
    ? [first]
    : Object.keys(declarations);
}

/**
 * The command line. A command is loaded when it is called, so that `--version` waits for none of
 * them; `schema` is small, and the help names its documents.
 * @param args what is called, whose command alone is declared; absent: all are
 */
export function createProgram(
  jailctl: Start,
  end: CommandEnd,
  args: readonly string[] = [],
): Command {
  const program = new Command('jailctl')
    .description('Declarative provisioning of Linux jails that run untrusted code.')
    .version(jailctl.version)
    // What stands behind the program of `exec` is the program's.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(jailctl --help shows how it is used)')
    .addHelpText('after', exitCodesHelp);

  const act = actWith(jailctl, end);
  for (const name of commandsFor(args)) declarations[name]?.(program, act, jailctl, end);
  for (const command of program.commands) {
    command.showHelpAfterError(`(jailctl ${command.name()} --help shows how it is used)`);
    for (const one of [...command.options, ...command.registeredArguments]) suggestChoice(one);
  }
  return program;
}
