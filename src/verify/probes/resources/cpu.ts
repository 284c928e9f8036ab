import { runGroup } from '../../../model/host-paths.ts';
import type { Probe } from '../../probe.ts';
import type { InsideAnswer, Range, Subject } from '../../range.ts';
import { beyond, type Finding, noControl } from '../../verdict.ts';
import { numberOf } from '../common.ts';
import { ending, limits, missingControl, runInside, unless, withoutGroup } from './bounds.ts';

const limitMs = 1000;
/** How much later jailctl may see it, on a busy host. RLIMIT_CPU comes after that. */
const slackMs = 1500;
const partners = 3;
/** Of each of them: below the limit, and all together far beyond it. */
const shareMs = 900;
/** Two of them: together beyond the limit, and no burden. */
const controlMs = 550;

function weakCpuTime({ enforcement }: Subject): string | undefined {
  if (enforcement.controllers.has('cpuacct')) return undefined;
  return 'this host counts the CPU time of each process by itself, and not that of a run';
}

function judgeSpin(answer: InsideAnswer): Finding {
  const { status, cpuTimeMs, message } = answer.result;
  const isByWall = status === 'time_limit' && !message.includes('CPU');
  if (isByWall) throw new Error('the host is too busy: the wall time was used up first');
  const hardSeconds = numberOf(answer, 'seconds');
  const evidence = `with a limit of 1 s: ${ending(answer)}, ${Math.round(cpuTimeMs)} ms; RLIMIT_CPU is ${hardSeconds} s`;
  // For the time when jailctl itself is held up, or killed: this one needs no cgroup.
  if (hardSeconds < 0 || hardSeconds * 1000 > limitMs + 2000) {
    return beyond(`the kernel would not end it (${evidence})`);
  }
  return unless(
    evidence,
    answer.outcome === 'done' && 'it had as much as it wanted',
    status !== 'time_limit' && `the result says ${status}`,
    cpuTimeMs > limitMs + slackMs && 'it went on for long',
  );
}

/** A busy host lets it have little of its processors: there it takes long. */
const patienceSeconds = 120;

/** Of each 100 ms it may have 2. */
const quota = 0.02;
/** So little that even on a busy host it takes few turns; outside, root goes before all others. */
const spunMs = 12;
/** With the quota it takes 400 ms, or a little less: the kernel counts by ticks. */
const throttledMs = 220;
const controlTries = 12;

/** How often the kernel has held a run of the user's back; undefined where nobody can tell. */
function timesThrottled({ host, user }: Range): number | undefined {
  const mounts = (host.reader.readText('/proc/self/mountinfo') ?? '').split('\n');
  for (const line of mounts.filter((one) => / - cgroup2? /.test(one))) {
    const file = `${line.split(' ')[4]}/${runGroup(user.name)}/cpu.stat`;
    const count = /^nr_throttled (\d+)$/m.exec(host.reader.readText(file) ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return undefined;
}

async function underQuota(range: Range): Promise<Finding> {
  const spin = ['spin', String(spunMs), '0'] as const;
  const times: number[] = [];
  while (times.length < controlTries && !times.some((ms) => ms < throttledMs)) {
    times.push(numberOf(await range.host.outside([...spin, 'first']), 'wall_ms'));
  }
  const best = Math.min(...times);
  if (best >= throttledMs) {
    return noControl(`outside the jail ${spunMs} ms of CPU time take ${best} ms: the host is busy`);
  }
  const options = { limits: limits({ cpus: quota, wall_time: patienceSeconds }) };
  await using run = await range.startInside([...spin, 'wait'], options);
  const throttled = timesThrottled(range);
  const tookMs = numberOf(await run.end(), 'wall_ms');
  if (throttled === 0 && tookMs >= throttledMs) {
    return noControl('the host is so busy that the run never came to its limit');
  }
  return unless(
    `${spunMs} ms of CPU time took ${tookMs} ms with a limit of ${quota} processors, ${best} ms outside; held back ${throttled ?? 'an unknown number of'} times`,
    tookMs < throttledMs && 'it was not held back',
  );
}

/** What has said that it is ready may take two minutes from then on. */
async function computeOutside({ host, user }: Range): Promise<Finding | undefined> {
  const action = ['spin', String(controlMs), '2', 'later'] as const;
  await using run = await host.startOutside(action, { as: user.uid });
  const { outcome } = await run.end();
  return outcome === 'done' ? undefined : noControl(`outside the jail it comes to ${outcome}`);
}

async function compute(range: Range): Promise<Finding> {
  const missing = await computeOutside(range);
  const action = ['spin', String(shareMs), String(partners)] as const;
  const values = { cpu_time: limitMs / 1000, wall_time: patienceSeconds };
  return missing ?? judgeSpin(await runInside(range, action, { limits: limits(values) }));
}

const wantedMs = 1100;

/** Root sleeps as well as anybody, and nobody ends it together with the run. */
async function sleep(range: Range): Promise<Finding> {
  const [missing, answer] = await Promise.all([
    missingControl(range, ['do-nothing-for', String(wantedMs)], {}),
    runInside(range, ['do-nothing-for', '8000'], { limits: limits({ wall_time: 1 }) }),
  ]);
  const { status } = answer.result;
  return (
    missing ??
    unless(
      `with a limit of 1 s: ${ending(answer)}`,
      answer.outcome === 'done' && 'it had as much as it wanted',
      status !== 'time_limit' && `the result says ${status}`,
    )
  );
}

export const cpuBoundProbes: readonly Probe[] = [
  {
    id: 'resources/cpu-time',
    title: 'computes without end, in processes that each stay below the limit',
    severity: 'medium',
    layer: 'cpu_time',
    expected: 'ended at the limit, which counts all of them; the result tells of it',
    control: 'the same user goes on for longer outside the jail',
    gain: 'the processors of the host for as long as it likes',
    remedy: 'let jailctl have the cpuacct controller, or cgroups of version 2',
    weakOn: weakCpuTime,
    attempt: compute,
  },
  {
    id: 'resources/cpu-quota',
    title: 'computes faster than its share of a processor',
    severity: 'medium',
    layer: 'cpus',
    expected: 'as slow as the limit says',
    control: 'root is faster outside the jail',
    gain: 'processors that others of the host have been promised',
    remedy: 'let jailctl have the cpu cgroup',
    weakOn: withoutGroup('cpu'),
    attempt: underQuota,
  },
  {
    id: 'resources/sleep-for-ever',
    title: 'waits without end',
    severity: 'medium',
    layer: 'wall_time',
    expected: 'ended at the limit, of which the result tells',
    control: 'root waits for longer outside the jail',
    gain: "one of the jail's users, which no other run gets",
    remedy: 'keep `wall_time` low: a timer of jailctl ends the run',
    attempt: sleep,
  },
];
