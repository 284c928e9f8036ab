import { compare, outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { isChroot, withoutFilter } from '../common.ts';
import { refuseCalls } from '../privilege/calls.ts';

/**
 * They tell about the machine and others on it. What reading takes away (/proc/kmsg) is not among
 * them, as the control reads them.
 */
const tellTales = [
  ...['kallsyms', 'kcore', 'modules', 'keys', 'key-users', 'sched_debug', 'timer_list'],
  ...['cmdline', 'config.gz', 'interrupts', 'softirqs', 'slabinfo', 'vmallocinfo', 'pagetypeinfo'],
  ...['diskstats', 'partitions', 'latency_stats'],
].map((name) => `/proc/${name}`);

type Facts = ReadonlyMap<string, string>;

/** Which of them say something. */
function readable(paths: readonly string[], facts: Facts): readonly string[] {
  return paths.filter((_, at) => {
    const said = facts.get(`file-${at}`);
    if (said === undefined) throw new Error(`the probe program did not say what it read`);
    return /^[1-9]\d*$/.test(said);
  });
}

/** Files that say something outside, to the user or at least to root, and nothing in the jail. */
async function silent(range: Range, paths: readonly string[]): Promise<Finding> {
  const { host, user } = range;
  const asUser = await host.outside(['readable', ...paths], { as: user.uid });
  const asRoot = await host.outside(['readable', ...paths], { isolated: true });
  requireOutcome(asUser, 'outside the jail');
  requireOutcome(asRoot, 'outside the jail, as root');
  const answer = await range.inside(['readable', ...paths]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const inside = readable(paths, answer.facts);
  if (inside.length > 0) return broken(`in the jail it reads ${inside.join(', ')}`);
  const outside = readable(paths, asRoot.facts);
  if (outside.length === 0) return noControl(`this host has none of ${paths.join(', ')}`);
  const forUser = readable(paths, asUser.facts).length;
  return held(
    `nothing of ${outside.join(', ')}; outside the user reads ${forUser} of these, root all`,
  );
}

/**
 * Does a line of mountinfo (proc_pid_mountinfo(5)) tell one of these paths? Its fourth field is the
 * path in the file system, which may be mounted somewhere; an overlay has its parts in the options.
 */
function tells(line: string, paths: readonly string[]): boolean {
  const root = line.split(' ')[3] ?? '/';
  const words = line.split(/[ =:,]/);
  return paths.some((path) => words.includes(path) || (root !== '/' && path.endsWith(root)));
}

/** What the kernel names to whoever asks what is mounted. */
async function hostPaths(range: Range): Promise<Finding> {
  const { host, user, subject } = range;
  const outside = await host.outside(['lines', '/proc/self/mountinfo'], { as: user.uid });
  requireOutcome(outside, 'outside the jail');
  if (outside.outcome !== 'done') return noControl(`not even outside: ${outcomeText(outside)}`);
  const answer = await range.inside(['lines', '/proc/self/mountinfo']);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  if (answer.outcome !== 'done') return held(`${outcomeText(answer)} in the jail`);
  const known = [subject.jail.path, host.helperPath];
  const telling = [...answer.facts].flatMap(([name, line]) =>
    name.startsWith('line-') && tells(line, known) ? [line.split(' ')[3]] : [],
  );
  if (telling.length > 0) return broken(`mounts name paths of the host: ${telling.join(', ')}`);
  return held('no path of the host in /proc/self/mountinfo');
}

async function hostName(range: Range): Promise<Finding> {
  const { host, user, subject } = range;
  const outside = await host.outside(['names'], { as: user.uid });
  requireOutcome(outside, 'outside the jail');
  const name = outside.facts.get('nodename');
  if (name === subject.jail.name) return noControl('the host has the name of the jail');
  const answer = await range.inside(['names']);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const seen = answer.facts.get('nodename');
  if (seen !== subject.jail.name) return broken(`the name of the machine is ${seen} in the jail`);
  return held(`${seen} in the jail, ${name} outside`);
}

/** What the kernel tells about the host and others on it. */
export const kernelLeakProbes: readonly Probe[] = [
  {
    id: 'leaks/kernel-log',
    title: "reads the kernel's log",
    severity: 'medium',
    layer: 'seccomp',
    expected: 'EPERM',
    control: 'outside the jail root reads it, or the user',
    weakOn: withoutFilter,
    gain: "addresses of the kernel, and what other users' programs did",
    remedy: 'refuse syslog(2) by the filter, and set kernel.dmesg_restrict=1',
    attempt: (range) => refuseCalls(range, ['syslog 3 #0 4096']),
  },
  {
    id: 'leaks/kernel-files',
    title: 'reads files of /proc about the machine: kallsyms, kcore, keys, timer_list',
    severity: 'medium',
    layer: 'masked_proc',
    expected: 'nothing in them, or ENOENT',
    control: 'outside the jail root reads them, some also the user',
    gain: 'addresses and configuration of the kernel, the devices, the keys of the UID, key strokes by their time',
    remedy: 'mask these paths in the configuration of the run',
    attempt: (range) => silent(range, tellTales),
  },
  {
    id: 'leaks/sysfs',
    title: 'looks into /sys',
    severity: 'medium',
    layer: 'mount_namespace',
    expected: 'ENOENT, or an empty directory',
    control: 'outside the jail the same user does',
    gain: 'devices, cgroups and other tenants of the machine, and files of drivers to attack',
    remedy: 'mount no sysfs for runs',
    attempt: (range) =>
      compare(range, {
        attempt: ['list-directory', '/sys'],
        refusals: ['ENOENT', 'EACCES', 'empty'],
      }),
  },
  {
    id: 'leaks/host-paths',
    title: 'finds paths of the host in /proc/self/mountinfo',
    severity: 'low',
    layer: 'none: the kernel tells the source of each mount',
    expected: 'no path of the host',
    control: 'outside the jail the file can be read',
    weakOn: ({ engine }) =>
      engine === 'crun' || engine === 'runc'
        ? 'bind mounts show their source, and no runtime hides it'
        : undefined,
    gain: 'where the jail and jailctl are: what is not secret, but helps in an attack from elsewhere',
    remedy: 'put no secret into the names of directories; runsc shows no mounts of the host',
    attempt: hostPaths,
  },
  {
    id: 'leaks/host-name',
    title: 'learns the name of the machine',
    severity: 'low',
    layer: 'uts_namespace',
    expected: 'the name of the jail',
    control: 'outside the jail the machine has another name',
    weakOn: (subject) => (isChroot(subject) ? 'this engine has no UTS namespace' : undefined),
    gain: 'which machine it is on, and so who else is there',
    remedy: 'a UTS namespace for each run, with the name of the jail',
    attempt: hostName,
  },
];
