import type { JailUser } from '../model/settings.ts';
import type { JailRunner } from '../run/jail-runner.ts';
import { jailActions, rangeOf } from './jail-range.ts';
import { removeLeftovers } from './leftovers.ts';
import type { Probe } from './probe.ts';
import type { Range, Subject, VerifyHost } from './range.ts';
import { runProbes, tryProbe } from './run-probes.ts';
import type { Verdict } from './verdict.ts';

/** How many users of a jail attack at once. More would only wait for one another. */
const lanesMax = 3;

/** A jail that can be run in. */
export interface OpenJail {
  readonly subject: Subject;
  /** The probe program, where runs of this jail find it (RunSpec). */
  readonly helper: string;
  /** Each gives back the users that it has leased when it is disposed of. */
  openRunner(): Promise<JailRunner>;
}

export interface VerifyMeans {
  readonly host: VerifyHost;
  readonly probes: readonly Probe[];
  /** Another jail of the host with a user; absent where there is none. */
  readonly neighbour?: OpenJail;
  /**
   * Waits until no other verification has users of two jails: each would wait for one of the other's.
   */
  takeTurn(): Promise<Disposable>;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  onVerdict(verdict: Verdict): void;
}

/** What a verification of one jail came to. */
export interface JailVerification {
  readonly subject: Subject;
  /** In the order of the probes; fewer when it was interrupted. */
  readonly verdicts: readonly Verdict[];
}

function missing({ needs }: Probe, users: number, hasNeighbour: boolean): string | undefined {
  if (needs === 'sibling' && users < 2) return 'the jail has one user: nobody of it to attack';
  if (needs === 'neighbour' && !hasNeighbour) return 'the host has no other jail with a user';
  return undefined;
}

/** A probe that can't be tried for want of somebody to attack. */
function withNeeds(probe: Probe, users: number, hasNeighbour: boolean): Probe {
  const why = missing(probe, users, hasNeighbour);
  if (why === undefined) return probe;
  return { ...probe, moot: (subject) => probe.moot?.(subject) ?? why };
}

function rangesOf(open: OpenJail, runner: JailRunner, means: VerifyMeans): [Range, ...Range[]] {
  const { subject, helper } = open;
  const actions = jailActions(runner, helper, means.signal);
  const [first, ...others] = subject.jail.users.slice(0, lanesMax);
  if (first === undefined) throw new Error(`jail ${subject.jail.name} has no users`);
  const range = (user: JailUser) =>
    rangeOf({
      ...{ subject, host: means.host, actions, user, neighbour: undefined },
      sibling: subject.jail.users.find((one) => one !== user),
    });
  return [range(first), ...others.map(range)];
}

/** With users of two jails at once, and none leased for longer than one probe takes. */
async function tryWithNeighbour(
  probe: Probe,
  open: OpenJail,
  means: VerifyMeans,
): Promise<Verdict> {
  const { host, neighbour, signal } = means;
  await using runner = await open.openRunner();
  await using otherRunner = await neighbour?.openRunner();
  const { subject, helper } = open;
  const [user] = subject.jail.users;
  const [otherUser] = neighbour?.subject.jail.users ?? [];
  if (user === undefined) throw new Error(`jail ${subject.jail.name} has no users`);
  const range = rangeOf({
    ...{ subject, host, user, sibling: undefined },
    actions: jailActions(runner, helper, signal),
    neighbour:
      neighbour === undefined || otherRunner === undefined || otherUser === undefined
        ? undefined
        : {
            jail: neighbour.subject.jail,
            user: otherUser,
            actions: jailActions(otherRunner, neighbour.helper, signal),
          },
  });
  return tryProbe(probe, range, means.nowMs);
}

/** Those that take users of two jails, one after the other. */
async function tryWithNeighbours(
  all: readonly Probe[],
  open: OpenJail,
  means: VerifyMeans,
): Promise<readonly Verdict[]> {
  const { signal } = means;
  const probes = all.filter(({ needs }) => needs === 'neighbour');
  const verdicts: Verdict[] = [];
  if (probes.length === 0 || signal.aborted) return verdicts;
  using _turn = means.neighbour === undefined ? undefined : await means.takeTurn();
  for (const probe of probes) {
    if (signal.aborted) break;
    const verdict = await tryWithNeighbour(probe, open, means);
    if (signal.aborted) break;
    means.onVerdict(verdict);
    verdicts.push(verdict);
  }
  return verdicts;
}

/** Its controls end when the verification is interrupted, but for those that clear up. */
function interruptible(host: VerifyHost, signal: AbortSignal): VerifyHost {
  return {
    ...host,
    outside: (action, options) =>
      host.outside(action, { ...options, ...(options?.toTheEnd !== true && { signal }) }),
    startOutside: (action, options) => host.startOutside(action, { ...options, signal }),
  };
}

/** Attacks one jail with every probe. @throws Error when it has no users */
export async function verifyJail(open: OpenJail, given: VerifyMeans): Promise<JailVerification> {
  const { subject } = open;
  const users = subject.jail.users.length;
  const means = { ...given, host: interruptible(given.host, given.signal) };
  const probes = means.probes.map((one) => withNeeds(one, users, means.neighbour !== undefined));
  const own = probes.filter(({ needs }) => needs !== 'neighbour');
  const verdicts: Verdict[] = [];
  {
    await using runner = await open.openRunner();
    const ranges = rangesOf(open, runner, means);
    for (const range of ranges) await removeLeftovers(range);
    verdicts.push(...(await runProbes(own, { ...means, ranges })));
  }
  verdicts.push(...(await tryWithNeighbours(probes, open, means)));
  return {
    subject,
    verdicts: probes.flatMap((probe) => verdicts.filter((verdict) => verdict.probe === probe)),
  };
}
