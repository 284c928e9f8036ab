import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { InsideOptions, Range, Subject } from '../../range.ts';
import { broken, type Finding, held, noControl, worst } from '../../verdict.ts';
import { numberOf } from '../common.ts';
import { limits, runInside, tryExcess, unless } from './bounds.ts';

function weakProcesses({ engine, enforcement }: Subject): string | undefined {
  if (engine === 'runsc') return "the pids cgroup counts gVisor's own threads, not the program's";
  if (enforcement.controllers.has('pids')) return undefined;
  return 'jailctl can set no pids cgroup on this host, and RLIMIT_NPROC counts by user';
}

const processesMax = 8;
/** More than the limit, and no burden. */
const tries = processesMax + 4;

function bomb(range: Range, action: 'fork-bomb' | 'thread-bomb'): Promise<Finding> {
  return tryExcess(range, {
    control: [action, String(tries)],
    inside: { limits: limits({ processes: processesMax }) },
    judge: (answer) => {
      requireOutcome(answer, `in the jail (${answer.result.message})`);
      const made = numberOf(answer, 'made');
      const { processesPeak } = answer.result;
      // Fewer would be no escape, but nor would they show where the limit is.
      if (made < processesMax - 1) throw new Error(`only ${made} could be started`);
      const peak = processesPeak === undefined ? 'no peak known' : `a peak of ${processesPeak}`;
      return unless(
        `with a limit of ${processesMax}: ${made} more, then ${answer.outcome}, ${peak}`,
        made >= processesMax && `${made} were started besides the first`,
        processesPeak !== undefined &&
          processesPeak !== processesMax &&
          `the result tells of ${processesPeak} processes`,
      );
    },
  });
}

const ways = ['fork', 'vfork', 'clone3', 'thread'] as const;

async function startOne(range: Range, inside: InsideOptions, what: string): Promise<Finding> {
  const answer = await runInside(range, ['start-one'], inside);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const said = ways.map((way) => `${way} ${answer.facts.get(way)}`).join(', ');
  const worked = ways.filter((way) => answer.facts.get(way) === 'done');
  if (worked.length > 0) return broken(`${what}: ${said}`);
  if (answer.facts.get('fork') !== 'EAGAIN') throw new Error(`refused for another reason: ${said}`);
  return held(`${what}: ${said}`);
}

async function oneProcess(range: Range): Promise<Finding> {
  const outside = await range.host.outside(['start-one'], { as: range.user.uid });
  const missing = ways.filter((way) => way !== 'clone3' && outside.facts.get(way) !== 'done');
  if (missing.length > 0) return noControl(`outside the jail there is no ${missing.join(', ')}`);
  const asked = await startOne(
    range,
    { limits: limits({ processes: 1 }) },
    'with a limit of one process',
  );
  // Only a jail of which the manifest says so has it in every run.
  if (range.subject.jail.limits.processes !== 1) return asked;
  return worst([
    asked,
    await startOne(range, { limits: 'declared' }, 'with the limits of the jail'),
  ]);
}

export const processBoundProbes: readonly Probe[] = [
  {
    id: 'resources/one-process-cannot-fork',
    title: 'starts a process or a thread, where a run may have one process',
    severity: 'high',
    layer: 'processes',
    expected: 'EAGAIN',
    control: 'the same user forks outside the jail',
    gain: 'programs that the limit was to keep it from, and the start of a fork bomb',
    remedy: 'let jailctl have the pids cgroup; without it, only the engine chroot limits processes',
    weakOn: weakProcesses,
    attempt: oneProcess,
  },
  {
    id: 'resources/fork-bomb',
    title: 'forks without end, and its children do as well',
    severity: 'high',
    layer: 'processes',
    expected: 'EAGAIN at exactly the limit, which the result tells',
    control: 'the same user forks more often outside the jail',
    gain: 'all process numbers of the host: nobody else can start anything',
    remedy: 'let jailctl have the pids cgroup, and keep `processes` low',
    weakOn: weakProcesses,
    attempt: (range) => bomb(range, 'fork-bomb'),
  },
  {
    id: 'resources/thread-bomb',
    title: 'starts threads without end',
    severity: 'high',
    layer: 'processes',
    expected: 'EAGAIN at exactly the limit, which the result tells',
    control: 'the same user starts more threads outside the jail',
    gain: 'all process numbers of the host, which threads use up as well',
    remedy: 'let jailctl have the pids cgroup, and keep `processes` low',
    weakOn: weakProcesses,
    attempt: (range) => bomb(range, 'thread-bomb'),
  },
];
