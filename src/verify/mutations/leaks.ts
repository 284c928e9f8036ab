import type { Mutation } from '../mutation.ts';

export const leakMutations: readonly Mutation[] = [
  {
    id: 'shared-ipc-namespace',
    title: 'runs are in the IPC namespace of the host',
    caughtBy: ['leaks/ipc-to-next-run', 'leaks/ipc-of-host', 'leaks/ipc-of-sibling'],
    change: {
      on: 'runs',
      edits: [{ removeFrom: 'linux.namespaces', key: 'type', value: 'ipc' }],
    },
  },
  {
    id: 'filter-allows-keys-of-32-bit',
    title: 'the filter refuses the calls for keys by their 64-bit numbers only',
    caughtBy: ['leaks/key-32-bit'],
    change: {
      on: 'runs',
      edits: [
        { append: 'linux.seccomp.architectures', value: 'SCMP_ARCH_X86' },
        { set: 'linux.seccomp.defaultAction', value: 'SCMP_ACT_ALLOW' },
        { remove: 'linux.seccomp.defaultErrnoRet' },
        { set: 'linux.seccomp.syscalls', value: [] },
      ],
    },
  },
  {
    id: 'unmasked-proc',
    title: 'nothing of /proc is masked',
    caughtBy: ['leaks/kernel-files'],
    change: { on: 'runs', edits: [{ set: 'linux.maskedPaths', value: [] }] },
  },
  {
    id: 'sysfs-mounted',
    title: 'runs have a /sys',
    caughtBy: ['leaks/sysfs'],
    change: {
      on: 'runs',
      edits: [
        {
          append: 'mounts',
          value: {
            ...{ destination: '/sys', source: '/sys' },
            options: ['bind', 'ro', 'nosuid', 'noexec', 'nodev'],
          },
        },
      ],
    },
  },
  {
    id: 'shared-uts-namespace',
    title: 'runs are in the UTS namespace of the host',
    caughtBy: ['leaks/host-name'],
    change: {
      on: 'runs',
      edits: [
        { removeFrom: 'linux.namespaces', key: 'type', value: 'uts' },
        { remove: 'hostname' },
      ],
    },
  },
  {
    id: 'name-of-machine',
    title: 'runs are told the name of the machine',
    caughtBy: ['leaks/host-name'],
    change: { on: 'runs', edits: [{ set: 'hostname', value: 'machine' }] },
  },
  {
    id: 'foreign-account',
    title: "the jail's passwd names a user of the host",
    caughtBy: ['leaks/accounts'],
    change: {
      on: 'host',
      script: 'echo operator:x:1000:1000::/home/operator:/bin/sh >>"$JAIL/etc/passwd"',
    },
  },
  {
    id: 'shadow-in-jail',
    title: 'the shadow of the host is in the jail',
    caughtBy: ['leaks/password-hashes'],
    change: { on: 'host', script: 'cp -p /etc/shadow "$JAIL/etc/shadow"' },
  },
];
