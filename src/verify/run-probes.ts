import type { Probe } from './probe.ts';
import type { Range } from './range.ts';
import type { Finding, Verdict, VerdictName } from './verdict.ts';

type Outcome = Pick<Verdict, 'verdict' | 'evidence' | 'isError'>;

function outcome(verdict: VerdictName, evidence: string, isError = false): Outcome {
  return { verdict, evidence, isError };
}

function judge(probe: Probe, finding: Finding, range: Range): Outcome {
  switch (finding.found) {
    case 'held':
      return outcome('passed', finding.evidence);
    case 'no_control':
      return outcome('not_proven', finding.why);
    case 'broken': {
      const known = finding.isBeyond === true ? undefined : probe.weakOn?.(range.subject);
      if (known === undefined) return outcome('failed', finding.evidence);
      return outcome('known_weakness', `${finding.evidence}; ${known}`);
    }
  }
}

/** The message of an error and of what caused it. */
function chain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${chain(error.cause)}`;
}

/**
 * Tries one probe. Whatever goes wrong makes it `not_proven`, never `passed`.
 * @param nowMs for the time that it took
 */
export async function tryProbe(probe: Probe, range: Range, nowMs: () => number): Promise<Verdict> {
  const started = nowMs();
  const end = (one: Outcome): Verdict => ({ probe, ...one, timeMs: Math.round(nowMs() - started) });
  try {
    const moot = probe.moot?.(range.subject);
    if (moot !== undefined) return end(outcome('not_applicable', moot));
    return end(judge(probe, await probe.attempt(range), range));
  } catch (error) {
    return end(outcome('not_proven', `the attempt went wrong: ${chain(error)}`, true));
  }
}

/** A lane's own range: lanes work side by side, each as another user. */
export interface Lanes {
  readonly ranges: readonly [Range, ...Range[]];
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  onVerdict(verdict: Verdict): void;
}

async function inLane(queue: Probe[], range: Range, lanes: Lanes): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (;;) {
    const probe = lanes.signal.aborted ? undefined : queue.shift();
    if (probe === undefined) return verdicts;
    const verdict = await tryProbe(probe, range, lanes.nowMs);
    // It was ended in the middle of the attempt, and whatever it saw then says nothing.
    if (lanes.signal.aborted) return verdicts;
    lanes.onVerdict(verdict);
    verdicts.push(verdict);
  }
}

/** One with two users would wait for the other's lane, and that lane perhaps for this one's. */
function isAlone({ alone, needs }: Probe): boolean {
  return alone === true || needs === 'sibling';
}

/** All of them come to their end, also when one fails: nothing must go on behind our back. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/**
 * Tries probes, as many at once as there are lanes; those that must be alone, or that take a second
 * user, one after the other after that.
 * @returns a verdict of each probe, in their order; fewer when the signal is aborted
 */
export async function runProbes(
  probes: readonly Probe[],
  lanes: Lanes,
): Promise<readonly Verdict[]> {
  const together = probes.filter((probe) => !isAlone(probe));
  const alone = probes.filter(isAlone);
  const first = await settled(lanes.ranges.map((range) => inLane(together, range, lanes)));
  const verdicts = [...first.flat(), ...(await inLane(alone, lanes.ranges[0], lanes))];
  return probes.flatMap((probe) => verdicts.filter((verdict) => verdict.probe === probe));
}
