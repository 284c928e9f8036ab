import { CommanderError } from 'commander';
import { type ExitCode, exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { printable } from '../model/printable.ts';
import { formatDiagnostics } from '../report/diagnostics.ts';
import { type ErrorReport, errorDocument } from '../report/error-json.ts';
import type { Context } from './context.ts';
import { ManifestError } from './manifest-error.ts';
import { wantsColor } from './options.ts';
import { createProgram } from './program.ts';

/** Messages of an error's causes, from the outermost to the innermost. */
function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (
    let at = error instanceof Error ? error.cause : undefined;
    at instanceof Error;
    at = at.cause
  ) {
    causes.push(at.message);
  }
  return causes;
}

function reportOf(error: unknown): ErrorReport {
  const message = error instanceof Error ? error.message : String(error);
  const causes = causesOf(error);
  const diagnostics = error instanceof ManifestError ? error.diagnostics : [];
  if (error instanceof Failure) {
    const { hint } = error;
    const common = { message, causes, diagnostics, exitCode: error.exitCode };
    return hint === undefined ? common : { ...common, hint };
  }
  return { message, causes, diagnostics, exitCode: exitCode.failed };
}

function formatError(error: unknown, report: ErrorReport, color: boolean): string {
  if (report.diagnostics.length > 0) return formatDiagnostics(report.diagnostics, { color });
  // What is no Failure is a mistake in jailctl itself: the stack says where.
  const stack = error instanceof Failure || !(error instanceof Error) ? [] : [error.stack ?? ''];
  return [
    `jailctl: ${printable(report.message)}`,
    ...report.causes.map((cause) => `  because: ${printable(cause)}`),
    ...(report.hint === undefined ? [] : [`  hint: ${printable(report.hint)}`]),
    ...stack,
    '',
  ].join('\n');
}

/** Also when the flags themselves are wrong: then there are no parsed options to ask. */
function wantsJson(args: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  return args.includes('--json') || (environment['JAILCTL_JSON'] ?? '') !== '';
}

/**
 * Runs one command line.
 * @param args without the Node binary and the script
 * @returns the exit code; errors are printed, once, with their causes
 */
export async function run(
  context: Context,
  version: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const outcome = { exitCode: exitCode.done as ExitCode };
  const json = wantsJson(args, environment);
  const usage: string[] = [];
  const program = createProgram(context, version, outcome);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.output.result(text),
      writeErr: (text) => (json ? usage.push(text.trim()) : context.output.notice(text)),
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.done;
      if (json) {
        const message = error.message.replace(/^error: /, '');
        const report = { message, causes: [], diagnostics: [], exitCode: exitCode.usage };
        context.output.result(`${JSON.stringify(errorDocument(report))}\n`);
      }
      return exitCode.usage;
    }
    const report = reportOf(error);
    if (json) context.output.result(`${JSON.stringify(errorDocument(report))}\n`);
    else {
      const color = wantsColor('auto', context.output.noticeStream, environment);
      context.output.notice(formatError(error, report, color));
    }
    return report.exitCode as ExitCode;
  }
}
