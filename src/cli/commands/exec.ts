import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { jsonText } from '../../report/json-text.ts';
import { metaText } from '../../report/meta.ts';
import { runDocument } from '../../report/run-json.ts';
import { Collector } from '../../run/collector.ts';
import { exitCodeOf } from '../../run/judge.ts';
import { copyNotices, endNotice } from '../../run/notices.ts';
import { openRunner } from '../../run/open-runner.ts';
import type { RunResult } from '../../run/run-result.ts';
import type { TerminalSize } from '../../run/run-spec.ts';
import type { Context } from '../context.ts';
import { warnOfDrift } from '../drift.ts';
import { requireRoot } from '../require-root.ts';
import { interruptSignal } from '../signals.ts';
import { type ExecOptions, parseTarget, requestOf } from './exec-request.ts';

function report(context: Context, result: RunResult, options: ExecOptions): void {
  for (const notice of copyNotices(result)) context.output.notice(notice);
  const end = endNotice(result);
  if (options.json !== true && end !== undefined) context.output.notice(end);
}

/** @throws Failure with exit code 3 where this process has no terminal that it could give away */
function requireTerminal({ output }: Context, { json }: ExecOptions): TerminalSize {
  if (json === true) {
    throw new Failure('--tty and --json do not go together', {
      exitCode: exitCode.usage,
      hint: 'the output of a terminal can not be kept: leave one of them out',
    });
  }
  const { isTTY, rows, columns } = output.resultStream;
  if (isTTY && process.stdin.isTTY) return { rows, columns };
  throw new Failure('--tty needs a terminal, and stdin or stdout is none', {
    exitCode: exitCode.usage,
    hint: 'leave --tty out: stdin and stdout are passed through byte for byte',
  });
}

/**
 * Runs one program in a jail, as it was applied.
 * @returns the program's own exit code; 128 and the signal's number; 125 when it could not be run
 */
export async function execCommand(
  context: Context,
  text: string,
  argv: readonly [string, ...string[]],
  options: ExecOptions,
): Promise<number> {
  requireRoot(context, 'exec');
  const tty = options.tty === true ? { terminal: requireTerminal(context, options) } : {};
  const target = parseTarget(text);
  await using runner = await openRunner(
    context.reader,
    target.jail,
    options.engine,
    context.openRuns,
  );
  const request = { ...requestOf(context, target, options), ...tty, argv };
  await warnOfDrift(context, target.jail, options);
  using interrupt = interruptSignal(context, 'ending the program');
  const { signal } = interrupt;
  const writeMeta = options.meta === undefined ? undefined : context.openReport(options.meta);
  const { output } = context;
  const kept =
    options.json === true ? { stdout: new Collector(), stderr: new Collector() } : undefined;
  const passed = kept ?? { stdout: output.resultStream, stderr: output.noticeStream };
  const streams = { stdin: process.stdin, ...passed };
  const result = await runner.run(
    request,
    options.tty === true ? 'terminal' : streams,
    signal,
    options.wait === true,
  );
  report(context, result, options);
  writeMeta?.(metaText(result));
  if (kept !== undefined) {
    const written = { stdout: kept.stdout.bytes(), stderr: kept.stderr.bytes() };
    output.result(jsonText(runDocument(result, written)));
  }
  return interrupt.exitCode ?? exitCodeOf(result);
}
