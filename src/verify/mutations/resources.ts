import type { Mutation } from '../mutation.ts';

/**
 * For sh: what is written to files of the run's cgroups goes nowhere, and nothing is read there.
 * @param controller in whose hierarchy they are in version 1
 * @param files below the run's group, of either version
 */
function ignored(controller: string, ...files: readonly string[]): string {
  return `
for group in /sys/fs/cgroup/${controller}/jailctl/$NAME /sys/fs/cgroup/jailctl/$NAME; do
  [ -d "$group" ] || continue
  for file in ${files.join(' ')}; do
    case $file in box/*) mkdir -p "$group/box/program" ;; esac
    [ ! -e "$group/$file" ] || mount --bind /dev/null "$group/$file"
  done
done`;
}

function withoutRlimit(
  id: string,
  type: string,
  title: string,
  caughtBy: Mutation['caughtBy'],
): Mutation {
  const edits = [{ removeFrom: 'process.rlimits', key: 'type', value: type }];
  return { id, title, caughtBy, change: { on: 'runs', edits } };
}

/** @param path what was a tmpfs of the run's own, and is a directory that all of the host shares */
function ofTheHost(
  id: string,
  path: string,
  title: string,
  caughtBy: Mutation['caughtBy'],
): Mutation {
  const source = `/run/jailctl-${id}`;
  return {
    id,
    title,
    caughtBy,
    change: {
      on: 'runs',
      edits: [
        { removeFrom: 'mounts', key: 'destination', value: path },
        { append: 'mounts', value: { destination: path, source, options: ['bind', 'rw'] } },
      ],
      // A home of the user, for /home.
      script: `
mkdir -p ${source}/$NAME
chmod 1777 ${source}
chown "$ID" ${source}/$NAME`,
    },
  };
}

/** A tool of the host that does nothing. */
function idle(tool: string): Mutation['change'] {
  return { on: 'host', script: `mount --bind /bin/true "$(readlink -f "$(command -v ${tool})")"` };
}

export const resourceMutations: readonly Mutation[] = [
  {
    id: 'no-run-cgroup',
    title: 'the runtime puts the run into a cgroup that nobody limits',
    caughtBy: [
      'resources/one-process-cannot-fork',
      'resources/fork-bomb',
      'resources/memory-malloc',
      'resources/cpu-time',
    ],
    change: { on: 'runs', edits: [{ remove: 'linux.cgroupsPath' }] },
  },
  {
    id: 'no-process-limit',
    title: 'the limit of processes is not set',
    caughtBy: [
      'resources/one-process-cannot-fork',
      'resources/fork-bomb',
      'resources/thread-bomb',
      'resources/two-at-the-limit',
    ],
    change: { on: 'runs', edits: [], script: ignored('pids', 'box/program/pids.max') },
  },
  {
    id: 'no-memory-limit',
    title: 'the limit of memory is not set',
    caughtBy: [
      'resources/memory-malloc',
      'resources/memory-shared',
      'resources/memory-memfd',
      'resources/memory-system-v',
      'resources/memory-tmp',
      'resources/memory-shm',
      'resources/beside-one-that-is-ended',
    ],
    change: {
      on: 'runs',
      edits: [],
      script: ignored(
        'memory',
        'memory.limit_in_bytes',
        'memory.memsw.limit_in_bytes',
        'memory.max',
      ),
    },
  },
  {
    id: 'no-cpu-accounting',
    title: 'the CPU time of the run is not counted',
    caughtBy: ['resources/cpu-time'],
    change: { on: 'runs', edits: [], script: ignored('cpuacct', 'cpuacct.usage', 'cpu.stat') },
  },
  {
    id: 'no-cpu-quota',
    title: 'the share of the processors is not limited',
    caughtBy: ['resources/cpu-quota'],
    change: { on: 'runs', edits: [], script: ignored('cpu', 'cpu.cfs_quota_us', 'cpu.max') },
  },
  withoutRlimit('no-cpu-rlimit', 'RLIMIT_CPU', 'the kernel does not limit the CPU time', [
    'resources/cpu-time',
  ]),
  withoutRlimit('no-file-size-limit', 'RLIMIT_FSIZE', 'the size of files is not limited', [
    'resources/file-size-write',
    'resources/file-size-sparse',
    'resources/file-size-truncate',
    'resources/file-size-fallocate',
    'resources/file-size-status',
  ]),
  withoutRlimit('no-open-files-limit', 'RLIMIT_NOFILE', 'descriptors are not limited', [
    'resources/open-files',
    'resources/descriptors',
  ]),
  withoutRlimit('core-dumps-allowed', 'RLIMIT_CORE', 'core dumps are not switched off', [
    'resources/core-dumps',
  ]),
  withoutRlimit('no-locked-memory-limit', 'RLIMIT_MEMLOCK', 'locked memory is not limited', [
    'resources/locked-memory',
  ]),
  withoutRlimit('no-signal-limit', 'RLIMIT_SIGPENDING', 'queued signals are not limited', [
    'resources/pending-signals',
    'resources/timers',
  ]),
  ofTheHost('tmp-of-the-host', '/tmp', '/tmp has no size of its own', [
    'resources/tmp-size',
    'resources/many-files',
  ]),
  ofTheHost('shm-of-the-host', '/dev/shm', '/dev/shm has no size of its own', [
    'resources/shm-size',
  ]),
  ofTheHost('home-of-the-host', '/home', 'a fresh home has no size of its own', [
    'resources/home-size',
  ]),
  {
    id: 'homes-not-looked-at',
    title: 'the tool that looks at homes finds nothing',
    caughtBy: ['resources/kept-home-size'],
    change: idle('find'),
  },
];
