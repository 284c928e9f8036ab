import { type Command, CommanderError } from 'commander';
import { type ExitCode, exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { printable } from '../model/printable.ts';
import { formatDiagnostics } from '../report/diagnostics.ts';
import { type ErrorReport, errorDocument } from '../report/error-json.ts';
import { jsonText } from '../report/json-text.ts';
import type { Start } from './context.ts';
import type { CommandEnd } from './declare/act.ts';
import { reportOf } from './error-report.ts';
import { ManifestError } from './manifest-error.ts';
import { type ColorMode, isOn, settleEnvironment, wantsColor } from './options.ts';
import { createProgram } from './program.ts';

function formatError(error: unknown, report: ErrorReport, color: boolean): string {
  if (error instanceof ManifestError) return formatDiagnostics(report.diagnostics, { color });
  // What is no Failure is a mistake in jailctl itself: the stack says where. A disk that fails while
  // jailctl's own files are loaded is none.
  const isMistake = error instanceof Error && !(error instanceof Failure || 'syscall' in error);
  const stack = isMistake ? [error.stack ?? ''] : [];
  return [
    `jailctl: ${printable(report.message)}`,
    ...report.causes.map((cause) => `  because: ${printable(cause)}`),
    ...(report.hint === undefined ? [] : [`  hint: ${printable(report.hint)}`]),
    ...stack,
    '',
  ].join('\n');
}

/**
 * Also when the flags themselves are wrong: then there are no parsed options to ask. What follows
 * `--` is another program's.
 */
function wantsJson(args: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const end = args.indexOf('--');
  const ours = end === -1 ? args : args.slice(0, end);
  return ours.some((arg) => /^--json(?:=|$)/.test(arg)) || isOn(environment, 'JAILCTL_JSON');
}

const noCommand = {
  message: 'which command?',
  hint: 'jailctl --help shows them',
  causes: [],
  diagnostics: [],
};

/** commander's complaint: `error: unknown command 'aply'`, and `(Did you mean apply?)` below. */
function usageReport(error: CommanderError): ErrorReport {
  if (error.code === 'commander.help') {
    return { ...noCommand, exitCode: exitCode.usage };
  }
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const common = { message, causes: [], diagnostics: [], exitCode: exitCode.usage };
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  return hint === '' ? common : { ...common, hint };
}

/** `help aply` would print the help of jailctl, without a word that there is no such command. */
function wordsOf(program: Command, args: readonly string[]): readonly string[] {
  const [first, topic] = args;
  const isKnown = program.commands.some((command) => command.name() === topic);
  return first === 'help' && topic !== undefined && !isKnown ? args.slice(1) : args;
}

/**
 * Runs one command line.
 * @param args without the Node binary and the script
 * @returns the exit code; errors are printed, once, with their causes
 */
export async function run(
  jailctl: Start,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const end: CommandEnd = { exitCode: exitCode.done };
  let json = wantsJson(args, environment);
  let color: ColorMode = 'auto';
  const program = createProgram(jailctl, end, args);
  program.hook('preAction', (_, command) => {
    const options = command.opts<{ json?: boolean; color?: ColorMode }>();
    json = options.json === true;
    color = options.color ?? 'auto';
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => jailctl.output.result(text),
      writeErr: (text) => (json ? undefined : jailctl.output.notice(text)),
    });
  }
  const printJson = (report: ErrorReport) => jailctl.output.result(jsonText(errorDocument(report)));
  try {
    settleEnvironment(program, environment);
    await program.parseAsync(wordsOf(program, args), { from: 'user' });
    return end.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.done;
      if (json) printJson(usageReport(error));
      return exitCode.usage;
    }
    const report = reportOf(error);
    if (json) printJson(report);
    else {
      const useColor = wantsColor(color, jailctl.output.noticeStream, environment);
      jailctl.output.notice(formatError(error, report, useColor));
    }
    return report.exitCode as ExitCode;
  }
}
