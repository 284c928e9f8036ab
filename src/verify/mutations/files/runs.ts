import { helperInJail, initInJail } from '../../../run/bundle.ts';
import type { ConfigEdit, Mutation } from '../../mutation.ts';

const capabilitySets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];

/** In every set: the kernel leaves an ambient one to a program that is not root's. */
function withCapability(name: string): readonly ConfigEdit[] {
  return capabilitySets.map((set) => ({
    set: `process.capabilities.${set}`,
    value: [`CAP_${name}`],
  }));
}

const noFilter: ConfigEdit = { remove: 'linux.seccomp' };

const allDevices: ConfigEdit = {
  set: 'linux.resources.devices',
  value: [{ allow: true, access: 'rwm' }],
};

const writableRoot: ConfigEdit = { set: 'root.readonly', value: false };

function bound(path: string): ConfigEdit {
  return {
    append: 'mounts',
    value: { destination: path, source: path, options: ['bind', 'nosuid', 'nodev'] },
  };
}

function unmounted(path: string): ConfigEdit {
  return { removeFrom: 'mounts', key: 'destination', value: path };
}

/** The programs of the host that are mounted into a run: process 1 and the probe itself. */
const openPrograms = String.raw`
config=/run/jailctl/bundles/$NAME/config.json
chmod 0777 $(grep -o '/[^"]*/jailctl-\(init\|probe\)' "$config")
`;

const leakingShell = [
  ...['/bin/sh', '-c', 'exec 7</etc; exec "$@"', 'sh'],
  ...[helperInJail, 'list-descriptors'],
];

/** The probe itself changes its root, and not its working directory. */
const misplacedProbe = [helperInJail, 'working-directory', '/tmp'];

export const fileRunMutations: readonly Mutation[] = [
  {
    id: 'directory-of-host',
    title: 'a directory of the host is mounted in runs',
    caughtBy: ['files/absolute-path', 'files/parent-path', 'files/symlink-out'],
    change: { on: 'runs', edits: [bound('/run')] },
  },
  {
    id: 'capability-for-chroot',
    title: 'runs have CAP_SYS_CHROOT, no filter, and a directory of the host below their root',
    caughtBy: ['files/chroot-escape'],
    change: { on: 'runs', edits: [...withCapability('SYS_CHROOT'), noFilter, bound('/run')] },
  },
  {
    id: 'leaked-descriptor',
    title: 'what starts the program has left a directory open',
    caughtBy: ['files/descriptors'],
    change: {
      on: 'runs',
      edits: [{ set: 'process.args', value: [initInJail, '--', ...leakingShell] }],
    },
  },
  {
    id: 'working-directory-outside',
    title: 'the program is started in a directory that is not below its root',
    caughtBy: ['files/working-directory'],
    change: {
      on: 'runs',
      edits: [
        ...withCapability('SYS_CHROOT'),
        noFilter,
        { set: 'process.args', value: [initInJail, '--', ...misplacedProbe] },
      ],
    },
  },
  {
    id: 'processes-of-host',
    title: 'runs are in the PID namespace of the host',
    caughtBy: ['files/root-of-other-process'],
    change: {
      on: 'runs',
      edits: [{ removeFrom: 'linux.namespaces', key: 'type', value: 'pid' }],
    },
  },
  {
    id: 'abstract-sockets-of-host',
    title: 'runs are in the network namespace of the host',
    caughtBy: ['files/directory-from-sibling', 'files/directory-from-neighbour'],
    change: {
      on: 'runs',
      edits: [{ removeFrom: 'linux.namespaces', key: 'type', value: 'network' }],
    },
  },
  {
    id: 'open-programs-of-host',
    title: 'the programs that are mounted into runs are writable',
    caughtBy: ['files/own-program', 'files/first-program'],
    change: {
      on: 'runs',
      edits: [3, 4].map((at) => ({ set: `mounts.${at}.options`, value: ['bind', 'rw'] })),
      script: openPrograms,
    },
  },
  {
    id: 'open-tree',
    title: "the root of runs is not read-only, and some of it not only root's",
    caughtBy: ['files/write-over', 'files/create', 'files/remove', 'files/change-mode'],
    change: {
      on: 'runs',
      edits: [writableRoot],
      script: 'chmod 0666 "$JAIL/etc/passwd"; chmod 0777 "$JAIL/etc"; chown "$ID" "$JAIL/usr"',
    },
  },
  {
    id: 'tmp-of-jail',
    title: 'runs have no /tmp of their own, and a root that is not read-only',
    caughtBy: ['files/tmp-empty', 'files/link-over'],
    change: {
      on: 'runs',
      edits: [unmounted('/tmp'), writableRoot],
      script: 'chmod 1777 "$JAIL/tmp"; chmod 0666 "$JAIL/etc/passwd"',
    },
  },
  {
    id: 'shared-memory-of-host',
    title: 'runs have the /dev/shm of the host',
    caughtBy: ['files/shm-empty'],
    change: {
      on: 'runs',
      edits: [unmounted('/dev/shm'), bound('/dev/shm')],
      script: 'mkdir -p /dev/shm; chmod 1777 /dev/shm',
    },
  },
  {
    id: 'homes-in-sight',
    title: 'runs see all homes of the jail, and these are open',
    caughtBy: ['files/home-of-sibling'],
    change: {
      on: 'runs',
      edits: [unmounted('/home')],
      script: 'chmod 0755 "$JAIL"/home/*',
    },
  },
  {
    id: 'other-jail-in-sight',
    title: 'another jail is mounted in runs, and its homes are open',
    caughtBy: ['files/home-of-neighbour'],
    change: {
      on: 'runs',
      // Runs of beta have this name already, and stay as they are: beta can't be mounted in itself.
      edits: [{ set: 'hostname', value: 'beta' }, bound('/beta')],
      script: 'chmod 0755 /beta/home/*',
    },
  },
  {
    id: 'open-marker',
    title: 'the marker of the jail is open to all, and not masked',
    caughtBy: ['files/marker'],
    change: {
      on: 'runs',
      edits: [{ set: 'linux.maskedPaths', value: [] }],
      script: 'chmod 0755 "$JAIL/.jailctl"; chmod 0644 "$JAIL/.jailctl/settings.json"',
    },
  },
  {
    id: 'open-configuration',
    title: 'the configurations of runs are mounted in runs, and open to all',
    caughtBy: ['files/run-configuration'],
    change: { on: 'runs', edits: [bound('/run')], script: 'chmod -R a+rX /run/jailctl' },
  },
  {
    id: 'capability-for-devices',
    title: 'runs have CAP_MKNOD, and every device is allowed to them',
    caughtBy: ['files/mknod-memory', 'files/mknod-disk'],
    change: { on: 'runs', edits: [...withCapability('MKNOD'), allDevices] },
  },
  {
    id: 'devices-of-machine',
    title:
      "the jail has nodes of a disk and of the kernel's log, and runs have every right to them",
    caughtBy: ['files/open-devices'],
    change: {
      on: 'runs',
      edits: [...withCapability('SYSLOG'), allDevices],
      script: [
        "numbers=$(awk 'NR > 2 { print $1, $2; exit }' /proc/partitions)",
        '[ -n "$numbers" ] || numbers="8 0"',
        '[ -e "$JAIL/usr/disk" ] || mknod -m 0666 "$JAIL/usr/disk" b $numbers',
        '[ -e "$JAIL/usr/kmsg" ] || mknod -m 0666 "$JAIL/usr/kmsg" c 1 11',
      ].join('\n'),
    },
  },
  {
    id: 'capability-for-mounts',
    title: 'runs have CAP_SYS_ADMIN, and no filter',
    caughtBy: [
      'files/mount',
      'files/remount',
      'files/umount',
      'files/pivot-root',
      'files/open-tree',
      'files/fsopen',
      'files/mount-setattr',
    ],
    change: { on: 'runs', edits: [...withCapability('SYS_ADMIN'), noFilter] },
  },
  {
    id: 'capability-for-handles',
    title: 'runs have CAP_DAC_READ_SEARCH, and no filter',
    caughtBy: ['files/open-by-handle'],
    change: { on: 'runs', edits: [...withCapability('DAC_READ_SEARCH'), noFilter] },
  },
];
