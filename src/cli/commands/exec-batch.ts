import { Readable } from 'node:stream';
import { exitCode } from '../../model/exit-code.ts';
import { errorDocument } from '../../report/error-json.ts';
import { jsonText } from '../../report/json-text.ts';
import { runDocument } from '../../report/run-json.ts';
import { Collector } from '../../run/collector.ts';
import { findJail } from '../../run/find-jail.ts';
import { type JailRunner, requireGood } from '../../run/jail-runner.ts';
import { type Job, type JobDefaults, jobId, parseJob } from '../../run/job.ts';
import { openRunner } from '../../run/open-runner.ts';
import type { RunResult } from '../../run/run-result.ts';
import type { Context } from '../context.ts';
import { warnOfDrift } from '../drift.ts';
import { reportOf } from '../error-report.ts';
import { requireRoot } from '../require-root.ts';
import { interruptSignal } from '../signals.ts';
import { type ExecOptions, parseTarget, requestOf } from './exec-request.ts';

/** What every job of a batch needs. */
interface Batch {
  readonly context: Context;
  readonly runner: JailRunner;
  readonly defaults: JobDefaults;
  readonly signal: AbortSignal;
}

async function runJob({ context, runner, signal }: Batch, job: Job) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const { stdin } = job;
  const input =
    stdin === undefined
      ? undefined
      : 'text' in stdin
        ? Readable.from([Buffer.from(stdin.text)])
        : await context.openInput(stdin.file);
  const streams = { ...(input !== undefined && { stdin: input }), stdout, stderr };
  try {
    const result = await runner.run(job.request, streams, signal, true);
    return { result, output: { stdout: stdout.bytes(), stderr: stderr.bytes() } };
  } finally {
    input?.destroy();
  }
}

/** @returns undefined when the job could not be run: the reason is then told on stdout */
async function runLine(batch: Batch, line: string, number: number): Promise<RunResult | undefined> {
  const id = jobId(line, number);
  const answer = (document: object) => batch.context.output.result(jsonText({ id, ...document }));
  try {
    const [job] = requireGood([parseJob(line, batch.defaults)]);
    if (job === undefined) return undefined;
    const { result, output } = await runJob(batch, job);
    answer(runDocument(result, output));
    return result;
  } catch (error) {
    answer(errorDocument(reportOf(error)));
    return undefined;
  }
}

/**
 * Runs many programs over the users of a jail, and prints their results as they come.
 * @returns 0 when every program was run, however it ended; 1 when one could not be
 */
export async function execBatch(
  context: Context,
  text: string,
  file: string,
  options: ExecOptions,
): Promise<number> {
  requireRoot(context, 'exec');
  const target = parseTarget(text);
  await using runner = await openRunner(
    context.reader,
    target.jail,
    options.engine,
    context.openRuns,
  );
  const request = requestOf(context, target, options);
  // What is wrong for every job is told once, before anything runs.
  runner.preview({ ...request, argv: ['true'] });
  const defaults = { request, directory: context.workingDirectory };
  await warnOfDrift(context, target.jail, options);
  using interrupt = interruptSignal(context, 'ending the programs that run');
  const { signal } = interrupt;
  const { lines, total } = await context.openLines(file, signal);
  const atOnce = target.user === undefined ? findJail(context.reader, target.jail).users.length : 1;
  const { batchView } = await import('../batch-progress.ts');
  const view = batchView(context, total);
  const batch: Batch = { context, runner, defaults, signal };
  const running = new Set<Promise<void>>();
  let failed = 0;
  let number = 0;
  try {
    for await (const line of lines) {
      if (signal.aborted) break;
      number++;
      if (line.trim() === '') continue;
      const run = runLine(batch, line, number).then((result) => {
        running.delete(run);
        if (result === undefined || result.status === 'sandbox_error') failed++;
        view.done(result?.status ?? 'error');
      });
      running.add(run);
      if (running.size >= atOnce) await Promise.race(running);
    }
    await Promise.all(running);
  } finally {
    await view.end();
  }
  return interrupt.exitCode ?? (failed === 0 ? exitCode.done : exitCode.failed);
}
