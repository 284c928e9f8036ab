import type { EngineName } from '../model/settings.ts';
import type { Mutation, Weakening } from './mutation.ts';
import type { VerdictName } from './verdict.ts';

/** What a verification on a throwaway host came to. */
export type Trial =
  /** What `jailctl verify --json` printed. */
  | { readonly document: string }
  /** It did not come to that. */
  | { readonly fault: string; readonly cause?: unknown };

/** As much of a verdict as this looks at. */
export interface Seen {
  readonly jail: string;
  readonly id: string;
  readonly verdict: VerdictName;
  readonly isError: boolean;
  readonly evidence: string;
}

/** From the worst. */
export const outcomes = ['fault', 'missed', 'not_proven', 'caught'] as const;
/**
 * `missed`: a probe did not fail although its layer was gone. `not_proven`: this host lacks what the probe
 * needs, so it proves nothing with the layer either. `fault`: the test of verify itself went wrong.
 */
export type OutcomeName = (typeof outcomes)[number];

/** What one probe saw of a mutation. */
export interface Notice {
  readonly probe: string;
  readonly outcome: OutcomeName;
  readonly evidence: string;
}

export interface MutationResult {
  readonly mutation: Mutation;
  /** The worst of its notices. */
  readonly outcome: OutcomeName;
  readonly notices: readonly Notice[];
}

/** @throws Error when it is not a document of `jailctl verify` */
export function seenIn(document: string): readonly Seen[] {
  const { jails }: VerifyDocument = JSON.parse(document);
  return jails.flatMap(({ jail, probes }) =>
    probes.map(({ id, verdict, evidence, went_wrong: isError }) => ({
      ...{ jail, id, verdict, evidence, isError },
    })),
  );
}

/** As much of `schemas/verify.schema.json` as this looks at. */
interface VerifyDocument {
  readonly jails: readonly {
    readonly jail: string;
    readonly probes: readonly {
      readonly id: string;
      readonly verdict: VerdictName;
      readonly evidence: string;
      readonly went_wrong: boolean;
    }[];
  }[];
}

const told = ({ jail, verdict, evidence }: Seen) => `${verdict} in ${jail}: ${evidence}`;
const tellAll = (seen: readonly Seen[]) => seen.map(told).join('; ') || 'no verdict';

/** What the probe says where nothing is taken away: undefined when it can notice something. */
function unfit(probe: string, baseline: readonly Seen[]): Notice | undefined {
  const seen = baseline.filter(({ id }) => id === probe);
  // A jail with a network is known to lack what one without has.
  const fine: readonly VerdictName[] = ['passed', 'not_applicable', 'known_weakness'];
  const rest = seen.filter(({ verdict }) => !fine.includes(verdict));
  const lacks = rest.filter(({ verdict, isError }) => verdict === 'not_proven' && !isError);
  const passes = seen.some(({ verdict }) => verdict === 'passed');
  if (lacks.length < rest.length || (!passes && lacks.length === 0)) {
    return { probe, outcome: 'fault', evidence: `with every layer: ${tellAll(seen)}` };
  }
  return passes ? undefined : { probe, outcome: 'not_proven', evidence: tellAll(lacks) };
}

/** @param baseline of all probes @param seen with the mutation */
function notice(probe: string, baseline: readonly Seen[], seen: readonly Seen[]): Notice {
  const passed = baseline.filter(({ id, verdict }) => id === probe && verdict === 'passed');
  const now = seen.filter(
    ({ id, jail }) => id === probe && passed.some((one) => one.jail === jail),
  );
  const failed = now.filter(({ verdict }) => verdict === 'failed');
  if (failed.length > 0) return { probe, outcome: 'caught', evidence: tellAll(failed) };
  return { probe, outcome: 'missed', evidence: tellAll(now) };
}

/**
 * What a mutation came to.
 * @param baseline the trial of all probes with every layer
 */
export function judgeMutation(mutation: Mutation, baseline: Trial, trial: Trial): MutationResult {
  const { caughtBy } = mutation;
  const result = (notices: readonly Notice[]): MutationResult => {
    const outcome = outcomes.find((name) => notices.some((one) => one.outcome === name));
    return { mutation, outcome: outcome ?? 'fault', notices };
  };
  const allFaults = (evidence: string) =>
    result(caughtBy.map((probe) => ({ probe, outcome: 'fault', evidence })));
  if ('fault' in baseline) return allFaults(`with every layer: ${baseline.fault}`);
  const whole = seenIn(baseline.document);
  const unable = new Map(caughtBy.map((probe) => [probe, unfit(probe, whole)]));
  // Where no probe can notice anything, it does not matter what went wrong.
  const isMoot = [...unable.values()].every((one) => one !== undefined);
  if (!isMoot && 'fault' in trial) return allFaults(trial.fault);
  const seen = 'fault' in trial ? [] : seenIn(trial.document);
  return result(caughtBy.map((probe) => unable.get(probe) ?? notice(probe, whole, seen)));
}

/** Takes a layer away, or none, on a throwaway host, and has these probes tried there. */
export type TryWeakening = (
  change: Weakening | undefined,
  probes: readonly string[],
  engine: EngineName,
) => Promise<Trial>;

/** What the trials of mutations need. */
export interface MutateMeans {
  readonly engine: EngineName;
  readonly tryWeakening: TryWeakening;
  readonly signal: AbortSignal;
}

/** As many throwaway hosts at once. */
const atOnceMax = 2;

/**
 * Tries mutations, each on a throwaway host of its own, and none of them on one more: a probe that
 * is red there too notices nothing.
 * @returns in the order of the mutations, each as soon as it is known; fewer when aborted
 * @throws Failure when no throwaway host can be made
 */
export async function* tryMutations(
  mutations: readonly Mutation[],
  { engine, tryWeakening, signal }: MutateMeans,
): AsyncGenerator<MutationResult> {
  const attempt = async (change: Weakening | undefined, probes: readonly string[]) => {
    try {
      return await tryWeakening(change, probes, engine);
    } catch (cause) {
      return { fault: cause instanceof Error ? cause.message : String(cause), cause };
    }
  };
  const every = [...new Set(mutations.flatMap(({ caughtBy }) => caughtBy))];
  const baseline = attempt(undefined, every);
  const running: Promise<Trial>[] = [];
  const queue = [...mutations];
  const next = () => {
    const mutation = signal.aborted ? undefined : queue.shift();
    if (mutation === undefined) return;
    running.push(attempt(mutation.change, mutation.caughtBy).finally(next));
  };
  baseline.then(next);
  for (let lane = 1; lane < atOnceMax; lane++) next();
  const whole = await baseline;
  if ('cause' in whole) {
    queue.length = 0;
    throw whole.cause;
  }
  for (let index = 0; index < running.length; index++) {
    const trial = await (running[index] as Promise<Trial>);
    // What was interrupted as well has not gone wrong.
    if (signal.aborted) return;
    yield judgeMutation(mutations[index] as Mutation, whole, trial);
  }
}

/** Did the probes notice each layer that was gone, as far as this host can show it? */
export function isAllCaught(results: readonly MutationResult[]): boolean {
  return (
    results.some(({ outcome }) => outcome === 'caught') &&
    results.every(({ outcome }) => outcome === 'caught' || outcome === 'not_proven')
  );
}
