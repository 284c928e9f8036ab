import type { JailUser } from '../../../model/settings.ts';
import { outcomeText } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, InsideAnswer, Range } from '../../range.ts';
import type { Finding } from '../../verdict.ts';
import { mib, numberOf } from '../common.ts';
import { ending, limits, missingControl, runInside, unless, withoutGroup } from './bounds.ts';

const processesMax = 8;
const memoryMax = 32 * mib;
const heldBytes = 16 * mib;
const hold: Action = ['hold', String(processesMax + 4), String(heldBytes)];
const inside = (user: JailUser) => ({
  user,
  limits: limits({ processes: processesMax, memory: memoryMax }),
});

/** What is wrong with the run of one who was at its limit of processes. */
function complaints(answer: InsideAnswer): readonly (string | false)[] {
  const { user, processesPeak, memoryPeakBytes } = answer.result;
  const made = numberOf(answer, 'made');
  return [
    answer.outcome !== 'done' && `${user} did not come to its end: ${ending(answer)}`,
    made !== processesMax - 1 && `${user} had ${made + 1} processes`,
    processesPeak !== undefined &&
      processesPeak !== processesMax &&
      `the result tells of ${processesPeak} processes of ${user}`,
    (memoryPeakBytes < heldBytes || memoryPeakBytes > memoryMax) &&
      `the result tells of ${memoryPeakBytes} bytes of ${user}`,
  ];
}

async function bothAtTheLimit(range: Range): Promise<Finding> {
  const missing = await missingControl(range, ['fork-bomb', hold[1] as string]);
  if (missing !== undefined) return missing;
  const other = range.sibling();
  await using mine = await range.startInside(hold, inside(range.user));
  await using theirs = await range.startInside(hold, inside(other));
  // It has twenty seconds.
  const host = await range.host.outside(['do-nothing-for', '1'], { as: range.user.uid });
  const answers = [await mine.end(), await theirs.end()];
  return unless(
    `${range.user.name} and ${other.name} had ${processesMax} processes each, and the host went on`,
    host.outcome !== 'done' && `the host did not: ${outcomeText(host)}`,
    ...answers.flatMap(complaints),
  );
}

async function besideOneThatIsEnded(range: Range): Promise<Finding> {
  const fill: Action = ['fill-memory', 'malloc', String(memoryMax + 8 * mib)];
  const missing = await missingControl(range, fill);
  if (missing !== undefined) return missing;
  const other = range.sibling();
  await using theirs = await range.startInside(hold, inside(other));
  const mine = await runInside(range, fill, inside(range.user));
  const answer = await theirs.end();
  return unless(
    `${range.user.name}: ${ending(mine)}; ${other.name}: ${ending(answer)}`,
    mine.outcome === 'done' && `${range.user.name} had more than its limit`,
    ...complaints(answer),
  );
}

export const togetherProbes: readonly Probe[] = [
  {
    id: 'resources/two-at-the-limit',
    title: 'two users of the jail are at their limits at once',
    severity: 'medium',
    layer: 'processes and memory, of each run',
    expected: 'each has its own limit and its own peak, and the host goes on',
    control: 'the same user forks more often outside the jail',
    gain: 'the share of another user, whose programs then fail',
    remedy: 'let jailctl have the pids and the memory cgroup: they count each run by itself',
    alone: true,
    needs: 'sibling',
    weakOn: (subject) => withoutGroup('pids')(subject) ?? withoutGroup('memory')(subject),
    attempt: bothAtTheLimit,
  },
  {
    id: 'resources/beside-one-that-is-ended',
    title: 'a user goes over its memory limit while another one is within its own',
    severity: 'medium',
    layer: 'memory, of each run',
    expected: 'the first one is ended, and the other one goes on',
    control: 'the same user has as much memory outside the jail',
    gain: "an end of other users' programs whenever it likes",
    remedy: 'let jailctl have the memory cgroup: it counts each run by itself',
    alone: true,
    needs: 'sibling',
    weakOn: withoutGroup('memory'),
    attempt: besideOneThatIsEnded,
  },
];
