import type { ConfigEdit, Mutation } from '../mutation.ts';

const sharedPids: ConfigEdit = { removeFrom: 'linux.namespaces', key: 'type', value: 'pid' };

/** The calls that are refused on purpose are the second rule of the filter (seccompFilter). */
const refusedCallsAllowed: ConfigEdit = {
  set: 'linux.seccomp.syscalls.1',
  value: {
    names: ['ptrace', 'process_vm_readv', 'pidfd_getfd', 'ioprio_set'],
    action: 'SCMP_ACT_ALLOW',
  },
};

const sets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];

/** For who is not root, a capability is there after execve(2) only when it is ambient. */
function capable(...names: readonly string[]): ConfigEdit {
  return {
    set: 'process.capabilities',
    value: Object.fromEntries(sets.map((set) => [set, names])),
  };
}

function cgroups(access: 'ro' | 'rw'): ConfigEdit {
  return {
    append: 'mounts',
    value: { destination: '/sys/fs/cgroup', source: '/sys/fs/cgroup', options: ['rbind', access] },
  };
}

export const processMutations: readonly Mutation[] = [
  {
    id: 'shared-pid-namespace',
    title: 'runs are in the PID namespace of the host',
    caughtBy: [
      'processes/proc-outside',
      'processes/number-outside',
      'processes/kill-outside',
      'processes/renice-outside',
    ],
    change: { on: 'runs', edits: [sharedPids] },
  },
  {
    id: 'traceable-host',
    title: 'runs are in the PID namespace of the host, and may trace',
    caughtBy: ['processes/trace-outside'],
    change: { on: 'runs', edits: [sharedPids, refusedCallsAllowed] },
  },
  {
    id: 'refused-calls-allowed',
    title: 'the filter allows to trace, and to raise the priority of input and output',
    caughtBy: ['processes/trace-filter', 'processes/io-priority'],
    change: { on: 'runs', edits: [refusedCallsAllowed] },
  },
  {
    id: 'capable-of-tracing-all',
    title: 'programs have CAP_SYS_PTRACE and CAP_DAC_OVERRIDE',
    caughtBy: ['processes/first-process'],
    change: { on: 'runs', edits: [capable('CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE')] },
  },
  {
    id: 'no-rlimits',
    title: 'the runtime sets no limits of single processes',
    caughtBy: ['processes/limits-set', 'processes/other-limits-set', 'processes/raise-limits'],
    change: { on: 'runs', edits: [{ remove: 'process.rlimits' }] },
  },
  {
    id: 'capable-of-priority',
    title: 'programs have CAP_SYS_NICE',
    caughtBy: ['processes/raise-priority', 'processes/real-time'],
    change: { on: 'runs', edits: [capable('CAP_SYS_NICE')] },
  },
  {
    id: 'no-oom-score',
    title: 'programs are as safe from being killed for memory as those of the host',
    caughtBy: ['processes/oom-score'],
    change: { on: 'runs', edits: [{ set: 'process.oomScoreAdj', value: 0 }] },
  },
  {
    id: 'cgroups-mounted',
    title: 'the cgroups of the host are mounted in the jail, read-only',
    caughtBy: ['processes/cgroup-visible'],
    change: { on: 'runs', edits: [cgroups('ro')] },
  },
  {
    id: 'cgroups-writable',
    title: 'the cgroups of the host are mounted in the jail, and programs have CAP_DAC_OVERRIDE',
    caughtBy: ['processes/cgroup-write'],
    change: { on: 'runs', edits: [cgroups('rw'), capable('CAP_DAC_OVERRIDE')] },
  },
];
