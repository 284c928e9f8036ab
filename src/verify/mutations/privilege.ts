import type { ConfigEdit, Mutation } from '../mutation.ts';

const capabilitySets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];

/** In every set: the kernel leaves an ambient one to a program that is not root's. */
function withCapabilities(...names: readonly string[]): readonly ConfigEdit[] {
  const value = names.map((name) => `CAP_${name}`);
  return capabilitySets.map((set) => ({ set: `process.capabilities.${set}`, value }));
}

export const privilegeMutations: readonly Mutation[] = [
  {
    id: 'new-privileges',
    title: 'an exec may give new privileges',
    caughtBy: ['privilege/no-new-privileges'],
    change: { on: 'runs', edits: [{ set: 'process.noNewPrivileges', value: false }] },
  },
  {
    id: 'capability-added',
    title: 'runs have the capability CAP_SYS_ADMIN',
    caughtBy: ['privilege/capabilities', 'privilege/bounding-set'],
    change: { on: 'runs', edits: withCapabilities('SYS_ADMIN') },
  },
  {
    id: 'bounding-set-left',
    title: 'the bounding set has a capability left',
    caughtBy: ['privilege/bounding-set'],
    change: {
      on: 'runs',
      edits: [{ set: 'process.capabilities.bounding', value: ['CAP_NET_RAW'] }],
    },
  },
  {
    id: 'setuid-capability',
    title: 'runs may become any user: CAP_SETUID and CAP_SETGID',
    caughtBy: ['privilege/become-root'],
    change: { on: 'runs', edits: withCapabilities('SETUID', 'SETGID') },
  },
  {
    id: 'additional-group',
    title: 'runs are in one more group',
    caughtBy: ['privilege/groups'],
    change: { on: 'runs', edits: [{ set: 'process.user.additionalGids', value: [6] }] },
  },
  {
    id: 'group-of-root',
    title: 'runs have the group of root',
    caughtBy: ['privilege/own-ids'],
    change: { on: 'runs', edits: [{ set: 'process.user.gid', value: 0 }] },
  },
  {
    id: 'setuid-tmp',
    title: '/tmp is mounted without nosuid',
    caughtBy: ['privilege/setuid-file'],
    change: {
      on: 'runs',
      // runc up to 1.1 gives a tmpfs the mode of the directory below.
      script: 'chmod 1777 "$JAIL/tmp"',
      edits: [
        { removeFrom: 'mounts', key: 'destination', value: '/tmp' },
        {
          append: 'mounts',
          value: {
            ...{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
            options: ['nodev', 'mode=1777', 'size=16m'],
          },
        },
      ],
    },
  },
  {
    id: 'no-seccomp',
    title: 'the runtime sets no filter for system calls',
    caughtBy: ['privilege/filtered-calls', 'leaks/key-made', 'leaks/key-found'],
    change: { on: 'runs', edits: [{ remove: 'linux.seccomp' }] },
  },
  {
    id: 'filter-allows-unknown-calls',
    title: 'the filter lets calls through that it does not name',
    caughtBy: ['privilege/user-namespace', 'privilege/filtered-calls'],
    change: {
      on: 'runs',
      edits: [
        { set: 'linux.seccomp.defaultAction', value: 'SCMP_ACT_ALLOW' },
        { remove: 'linux.seccomp.defaultErrnoRet' },
      ],
    },
  },
  {
    id: 'user-namespace-allowed',
    title: 'the filter allows clone3, and with it a user namespace',
    caughtBy: ['privilege/user-namespace'],
    change: {
      on: 'runs',
      edits: [
        {
          append: 'linux.seccomp.syscalls',
          value: { names: ['clone3'], action: 'SCMP_ACT_ALLOW' },
        },
      ],
    },
  },
  {
    id: 'filter-allows-32-bit-calls',
    title: 'the filter lets calls of 32-bit code through',
    caughtBy: ['privilege/32-bit-calls'],
    change: {
      on: 'runs',
      edits: [{ append: 'linux.seccomp.architectures', value: 'SCMP_ARCH_X86' }],
    },
  },
  {
    id: 'kernel-rights',
    title: 'runs have the capabilities that rule the machine, and no filter',
    caughtBy: [
      'privilege/namespaces',
      'privilege/enter-namespace',
      'privilege/bpf',
      'privilege/perf-events',
      'privilege/userfaultfd',
      'privilege/machine',
      'privilege/clock',
      'privilege/set-names',
      'leaks/kernel-log',
    ],
    change: {
      on: 'runs',
      edits: [
        { remove: 'linux.seccomp' },
        ...withCapabilities(
          'SYS_ADMIN',
          'SYS_BOOT',
          'SYS_CHROOT',
          'SYS_PACCT',
          'SYS_TIME',
          'SYSLOG',
        ),
      ],
    },
  },
  {
    id: 'environment-of-caller',
    title: 'a variable gets into runs that nobody declared',
    caughtBy: ['privilege/environment'],
    change: { on: 'runs', edits: [{ append: 'process.env', value: 'SSH_AUTH_SOCK=/tmp/agent' }] },
  },
  {
    id: 'open-umask',
    title: 'runs make files that everybody can read',
    caughtBy: ['privilege/umask'],
    change: { on: 'runs', edits: [{ set: 'process.user.umask', value: 0o022 }] },
  },
];
