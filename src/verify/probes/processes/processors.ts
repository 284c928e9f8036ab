import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../model/probe-answer.ts';
import { compare, outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { numberOf } from '../common.ts';
import { pidInside } from './find.ts';

/** `0-3,8` as the kernel writes it. */
function processorsOf(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Where the groups of the cpuset controller are mounted, in either version. */
function cpusetMount(mounts: string): string | undefined {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const first = lines.find(
    ([, , type, options]) => type === 'cgroup' && options?.split(',').includes('cpuset'),
  );
  return (first ?? lines.find(([, , type]) => type === 'cgroup2'))?.[1];
}

/** The processors that the group of a process may use: its own, or of the first above that has any. */
function setOf({ host }: Range, pid: string): readonly number[] | undefined {
  const mount = cpusetMount(host.reader.readText('/proc/self/mounts') ?? '');
  const path = host.reader.readText(`/proc/${pid}/cpuset`)?.trim();
  if (mount === undefined || path === undefined) return undefined;
  for (let group = path; ; group = group.slice(0, group.lastIndexOf('/'))) {
    for (const name of ['cpuset.effective_cpus', 'cpuset.cpus.effective']) {
      const text = host.reader.readText(`${mount}${group}/${name}`);
      if (text !== undefined) return processorsOf(text);
    }
    if (group === '') return undefined;
  }
}

async function leaveProcessors(range: Range): Promise<Finding> {
  const mark = randomUUID();
  await using running = await range.startInside(['victim', mark]);
  const own = setOf(range, await pidInside(range, mark));
  await running.end();
  if (own === undefined) return noControl('this host has no cpusets');
  const online = processorsOf(range.host.reader.readText('/sys/devices/system/cpu/online') ?? '0');
  const others = online.filter((one) => !own.includes(one));
  if (others.length === 0) {
    return noControl(`the set of a run has all ${online.length} processors of this host`);
  }
  const allowed = await range.inside(['processors', ...own.map(String)]);
  if (allowed.outcome !== 'done')
    return noControl(`its own can't be chosen: ${outcomeText(allowed)}`);
  const inside = await range.inside(['processors', ...others.map(String)]);
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  if (inside.outcome === 'done') {
    return broken(`it moved to processor ${inside.facts.get('processor')}`);
  }
  return held(`${outcomeText(inside)} for ${others.join(', ')}, done for ${own.join(', ')}`);
}

/** Is there any cgroup to be seen? Mounted read-only, or not the tenant's, it can't be written yet. */
async function seeCgroups(range: Range): Promise<Finding> {
  const count = async (where: string, answer: Promise<Answer>) => {
    const said = await answer;
    requireOutcome(said, where);
    return numberOf(said, 'mounts');
  };
  const { host, user } = range;
  const outside = await count('outside the jail', host.outside(['open-cgroups'], { as: user.uid }));
  if (outside === 0) return noControl('outside the jail no cgroup is mounted either');
  const inside = await count('in the jail', range.inside(['open-cgroups']));
  if (inside > 0) return broken(`${inside} of them are mounted in the jail`);
  return held(`none is mounted in the jail, ${outside} outside`);
}

/** Processors, and the groups by which the kernel shares them out. */
export const processorProbes: readonly Probe[] = [
  {
    id: 'processes/affinity',
    title: 'moves to a processor that is not in the set of its cgroup',
    severity: 'medium',
    layer: 'the cpuset of the run',
    expected: 'EINVAL',
    control: 'a processor of the set can be chosen',
    gain: 'it runs where the host has planned to run nothing of it',
    remedy: 'let the host have the cpuset controller',
    attempt: leaveProcessors,
  },
  {
    id: 'processes/cgroup-write',
    title: 'opens a file of a cgroup for writing',
    severity: 'critical',
    layer: 'mount_namespace',
    expected: 'ENOENT: no cgroup is mounted in the jail',
    control: 'root opens one outside the jail, and writes nothing',
    gain: 'it raises its limits, leaves its group, or starts a program as root (CVE-2022-0492)',
    remedy: 'mount no cgroup file system into the jail',
    attempt: (range) =>
      compare(range, {
        attempt: ['open-cgroups'],
        controlAs: 'root',
        refusals: ['ENOENT', 'EACCES', 'EPERM', 'EROFS'],
      }),
  },
  {
    id: 'processes/cgroup-visible',
    title: 'looks for mounted cgroups',
    severity: 'medium',
    layer: 'mount_namespace',
    expected: 'none is mounted in the jail',
    control: 'the same user sees them outside the jail',
    gain: 'it watches what every service of the host uses, and one mistake more lets it write there',
    remedy: 'mount no cgroup file system into the jail',
    attempt: seeCgroups,
  },
];
