import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter } from '../rig/ledger.ts';
import { type Attempt, Harness, type Points } from './harness.ts';
import { operation } from './operations.ts';
import { pointName } from './points.ts';
import { Tally } from './tally.ts';
import { complaints, errorTrials, killTrials, type Trial } from './trials.ts';

/**
 * How many points of each operation are killed, and how many fail: a few in `npm test`, all in
 * `npm run test:faults`, which takes an hour or more. JAILCTL_FAULTS says another number.
 */
const wanted = process.env['JAILCTL_FAULTS'] ?? '2';
const pointsMax = wanted === 'all' ? Number.POSITIVE_INFINITY : Number(wanted);

const perPointMsMax = 60_000;

/** Hosts on which points of an operation are tried side by side: half of a run is spent waiting. */
const lanesMax = 2;

/** A point may be missed: a wait for a child comes when the child ends. More would prove nothing. */
const missedPartMax = 0.05;

/** What became of a run that was cut, for the table. */
type OutcomeOf = (attempt: Attempt, trial: Trial) => string;

const ofKill: OutcomeOf = (_, { ending }) => (ending === 'apply' ? 'converged' : 'destroyed');
const ofError: OutcomeOf = ({ result }) => (result.exitCode === 0 ? 'tolerated' : 'clean');

function faultsOf(attempt: Attempt, trial: Trial): readonly string[] {
  if (attempt.missed) return attempt.faults;
  const { point, fault } = trial;
  const at = `${Object.values(fault).join(' ')} at ${pointName(point)} (${point.text}): `;
  return [...attempt.faults, ...complaints(attempt, trial).map((what) => at + what)];
}

/** Tries all points, on several hosts at once; what is wrong is told at once, too. */
async function tryAll(
  lanes: readonly Harness[],
  trials: readonly Trial[],
  outcomeOf: OutcomeOf,
  count: (trial: Trial, outcome: string) => void,
): Promise<void> {
  const wrong: string[] = [];
  let missed = 0;
  const deadline = performance.now() + trials.length * perPointMsMax;
  const waiting = trials.values();
  const tryNext = async (harness: Harness) => {
    for (const trial of waiting) {
      const { point, fault, ending } = trial;
      const attempt = await harness.attempt(point, fault, ending).catch((error) => {
        count(trial, 'broken');
        throw error;
      });
      const faults = faultsOf(attempt, trial);
      const outcome = attempt.missed ? 'missed' : outcomeOf(attempt, trial);
      count(trial, faults.length > 0 ? 'broken' : outcome);
      if (attempt.missed) missed++;
      for (const one of faults) process.stderr.write(`${one}\n`);
      wrong.push(...faults);
      if (performance.now() > deadline) throw new Error('it takes too long');
    }
  };
  await Promise.all(lanes.map(tryNext));
  expect(wrong).toEqual([]);
  expect(missed).toBeLessThanOrEqual(Math.ceil(trials.length * missedPartMax));
}

/** Tests that cut these operations at system calls, at all of them or at a sample. */
export function cutEverywhere(names: readonly string[]): void {
  const killed = new Tally('Killed', ['converged', 'destroyed', 'missed', 'broken']);
  const failed = new Tally('Errors injected', ['clean', 'tolerated', 'missed', 'broken']);
  describe.for(names)('a run of %s', (name) => {
    const hosts = new AsyncDisposableStack();
    const lanes: Harness[] = [];
    let points: Points;
    beforeAll(async () => {
      const first = hosts.use(await Harness.open(operation(name)));
      points = await first.points();
      lanes.push(first);
      while (lanes.length < lanesMax) lanes.push(hosts.use(await first.twin()));
    });
    afterAll(() => hosts.disposeAsync());

    test('that is killed leaves nothing half and nothing open', { timeout: 0 }, () =>
      tryAll(lanes, killTrials(points, pointsMax), ofKill, ({ point }, outcome) => {
        killed.count(name, point, outcome);
        enter('kills', { points: 1, broken: 0, [outcome]: 1 });
      }),
    );

    test('in which a call fails says so, and leaves the host right', { timeout: 0 }, () =>
      tryAll(lanes, errorTrials(points, pointsMax), ofError, ({ point }, outcome) => {
        failed.count(name, point, outcome);
        enter('errors', { points: 1, broken: 0, [outcome]: 1 });
      }),
    );
  });
  afterAll(() => {
    killed.print();
    failed.print();
  });
}
