import { randomUUID } from 'node:crypto';
import { type Comparison, compare, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { kib, mib, onChroot, withoutFilter } from '../common.ts';
import { pidInside } from './find.ts';
import { startVictim } from './victim.ts';

/** Limits of the runs below, and what the kernel must be told because of them (getrlimit(2)). */
const limits = [
  { name: 'cpu_time', value: 10 },
  { name: 'file_size', value: 16 * mib },
  { name: 'open_files', value: 64 },
];
/** The hard ones. A process that is not ended in time gets two seconds more than its limit. */
const hardLimits: Readonly<Record<string, number>> = {
  core: 0,
  cpu: 12,
  fsize: 16 * mib,
  nofile: 64,
};
/** What the limits of the jail say nothing of. */
const otherHardLimits: Readonly<Record<string, number>> = {
  memlock: 64 * kib,
  msgqueue: 800 * kib,
  nice: 0,
  rtprio: 0,
  sigpending: 4096,
};

/** Are the hard limits of a run at most these? Without the jail, some of them must be more. */
async function readLimits(range: Range, most: Readonly<Record<string, number>>): Promise<Finding> {
  const over = (facts: ReadonlyMap<string, string>) =>
    Object.entries(most).flatMap(([name, value]) => {
      const hard = facts.get(name)?.split(' ')[1];
      if (hard === undefined) throw new Error(`the limit ${name} was not told`);
      return hard === 'unlimited' || Number(hard) > value ? [`${name} ${hard}`] : [];
    });
  const outside = await range.host.outside(['limits'], { as: range.user.uid });
  requireOutcome(outside, 'outside the jail');
  const without = over(outside.facts);
  if (without.length === 0) return noControl('outside the jail the limits are as low');
  const inside = await range.inside(['limits'], { limits });
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  const found = over(inside.facts);
  if (found.length > 0) return broken(`in the jail: ${found.join(', ')}`);
  return held(`all are set in the jail; outside: ${without.join(', ')}`);
}

const oneMore = Object.entries(hardLimits).map(([name, value]) => `${name}=${value + 1}`);

/** Makes itself less likely to be killed for memory than the run was meant to be. */
async function lowerOomScore(range: Range): Promise<Finding> {
  const lower: Comparison = {
    attempt: ['set-oom-score', '999'],
    refusals: ['EACCES', 'ENOENT'],
  };
  const finding = await compare(range, lower);
  if (finding.found !== 'broken') return finding;
  // The kernel lets nobody go below what one with CAP_SYS_RESOURCE has set (proc(5)).
  const root = await range.host.outside(['set-oom-score', '-1'], { isolated: true });
  if (root.outcome === 'done') return finding;
  return noControl(
    'it can be lowered to what it was before the run: root lacks CAP_SYS_RESOURCE here, without which no score can be fixed',
  );
}

async function readOomScore(range: Range): Promise<Finding> {
  const read = (pid: string) => {
    const text = range.host.reader.readText(`/proc/${pid}/oom_score_adj`);
    if (text === undefined) throw new Error(`process ${pid} has gone`);
    return Number(text);
  };
  const mark = randomUUID();
  await using other = await startVictim(range);
  await using running = await range.startInside(['victim', mark]);
  const outside = read(other.facts.get('pid') ?? 'self');
  if (outside > 500) return noControl(`outside the jail a process has a score of ${outside}`);
  const inside = read(await pidInside(range, mark));
  await running.end();
  if (inside <= outside) return broken(`a score of ${inside}, as outside the jail`);
  return held(`a score of ${inside} in the jail, ${outside} outside`);
}

/** Taking more of the machine than one was given. */
export const rightsProbes: readonly Probe[] = [
  {
    id: 'processes/limits-set',
    title: 'reads the limits of a process that come from those of the run',
    severity: 'medium',
    layer: 'RLIMIT_CORE, CPU, FSIZE, NOFILE',
    expected: 'none is higher than the limits of the run ask for',
    control: 'outside the jail the same user has higher ones',
    gain: 'core dumps, files and descriptors without end',
    remedy: 'the runtime has not set process.rlimits: take another version of it',
    attempt: (range) => readLimits(range, hardLimits),
  },
  {
    id: 'processes/other-limits-set',
    title: 'reads the limits of locked memory, queues, signals, niceness and real time',
    severity: 'low',
    layer: 'RLIMIT_MEMLOCK, MSGQUEUE, NICE, RTPRIO, SIGPENDING',
    expected: 'none is higher than jailctl sets for every run',
    control: 'outside the jail the same user has higher ones',
    gain: 'more of what the kernel keeps for everybody',
    remedy: 'the runtime has not set process.rlimits: take another version of it',
    attempt: (range) => readLimits(range, otherHardLimits),
  },
  {
    id: 'processes/raise-limits',
    title: 'raises the limits of its process by one',
    severity: 'high',
    layer: 'no_capabilities',
    expected: 'EPERM',
    control: 'outside the jail, where they are higher, the same user sets the same ones',
    gain: 'none of the limits of a process would hold',
    remedy: 'the run has CAP_SYS_RESOURCE: take an OCI runtime as engine',
    attempt: (range) =>
      compare(range, {
        attempt: ['set-limits', ...oneMore],
        refusals: ['EPERM'],
        inside: { limits },
      }),
  },
  {
    id: 'processes/oom-score',
    title: 'is as safe from being killed for want of memory as programs of the host',
    severity: 'low',
    layer: 'oom_score_adj of the run',
    expected: 'a higher score than outside the jail',
    control: 'a process of the same user outside the jail has a lower score',
    gain: 'when memory is short, the kernel kills a service of the host in its place',
    remedy: 'take an OCI runtime as engine',
    weakOn: onChroot('with this engine nobody sets the score'),
    attempt: readOomScore,
  },
  {
    id: 'processes/lower-oom-score',
    title: 'lowers its score, so that others are killed for want of memory in its place',
    severity: 'low',
    layer: 'no_capabilities',
    expected: 'EACCES, or there is no /proc',
    control: 'outside the jail, where the score is lower, the same user sets the same one',
    gain: 'when memory is short, the kernel kills a service of the host in its place',
    remedy: 'start jailctl with CAP_SYS_RESOURCE, and run programs without it',
    attempt: lowerOomScore,
  },
  {
    id: 'processes/raise-priority',
    title: 'takes a better priority than it was given',
    severity: 'medium',
    layer: 'no_capabilities',
    expected: 'EACCES',
    control: 'root does so in namespaces of its own',
    gain: 'it takes the processors from everybody else',
    remedy: 'the run has CAP_SYS_NICE or RLIMIT_NICE: take an OCI runtime as engine',
    attempt: (range) =>
      compare(range, {
        attempt: ['raise-priority'],
        controlAs: 'root',
        refusals: ['EACCES', 'EPERM'],
      }),
  },
  {
    id: 'processes/real-time',
    title: 'runs in real time: first in, first out; round robin; by deadline',
    severity: 'high',
    layer: 'no_capabilities',
    expected: 'EPERM',
    control: 'root does so in namespaces of its own',
    gain: 'it takes whole processors from everybody, the kernel included',
    remedy: 'the run has CAP_SYS_NICE or RLIMIT_RTPRIO: take an OCI runtime as engine',
    attempt: (range) =>
      compare(range, { attempt: ['real-time'], controlAs: 'root', refusals: ['EPERM'] }),
  },
  {
    id: 'processes/io-priority',
    title: 'takes the best priority for disks that everybody may have',
    severity: 'low',
    layer: 'seccomp',
    expected: 'EPERM',
    control: 'the same user does so outside the jail',
    gain: 'its reads and writes come before those of others',
    remedy: 'run with the filter for system calls, which an OCI runtime sets',
    weakOn: withoutFilter,
    attempt: (range) => compare(range, { attempt: ['io-priority'], refusals: ['EPERM'] }),
  },
];
