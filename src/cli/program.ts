import { type Argument, Command, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../model/nearest.ts';
import type { Start } from './context.ts';
import { actWith, type CommandEnd } from './declare/act.ts';
import { addChangeCommands } from './declare/change.ts';
import { addExecCommand } from './declare/exec.ts';
import { addHostCommands } from './declare/host.ts';
import { addImportCommand } from './declare/import.ts';
import { addManifestCommands } from './declare/manifest.ts';
import { addShellCommands } from './declare/shell.ts';
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

/**
 * The command line. A command is loaded when it is called, so that \`--version\` waits for none of
 * them; \`schema\` is small, and the help names its documents.
 */
export function createProgram(jailctl: Start, end: CommandEnd): Command {
  const program = new Command('jailctl')
    .description('Declarative provisioning of Linux jails that run untrusted code.')
    .version(jailctl.version)
    .showSuggestionAfterError()
    .showHelpAfterError('(jailctl --help shows how it is used)')
    .addHelpText('after', exitCodesHelp);

  const act = actWith(jailctl, end);
  addChangeCommands(program, act);
  addManifestCommands(program, act);
  addExecCommand(program, jailctl, end);
  addVerifyCommand(program, act);
  addHostCommands(program, act);
  addImportCommand(program, act);
  addShellCommands(program, act);
  for (const command of program.commands) {
    command.showHelpAfterError(`(jailctl ${command.name()} --help shows how it is used)`);
    for (const one of [...command.options, ...command.registeredArguments]) suggestChoice(one);
  }
  return program;
}
