import { compare } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import { roomIn, roomOutside } from '../common.ts';

const withoutRights =
  'run programs without capabilities and with a filter for system calls: an OCI runtime as engine; setpriv(1) drops capabilities';

interface MountAttack {
  readonly call: string;
  readonly id: string;
  readonly title: string;
  readonly gain: string;
  /** What the control is tried on; absent: a directory of its own. */
  readonly controlOn?: string;
}

const mountAttacks: readonly MountAttack[] = [
  {
    call: 'mount',
    id: 'files/mount',
    title: 'mounts a file system',
    gain: 'files over those that root or others read, and the disks of the host',
  },
  {
    call: 'remount',
    id: 'files/remount',
    title: 'mounts something again, writable',
    gain: 'every file of the jail that its rights cover, for all users of it',
    controlOn: '/',
  },
  {
    call: 'umount2',
    id: 'files/umount',
    title: 'unmounts what covers something',
    gain: 'what masks and private directories hide',
    controlOn: '/proc',
  },
  {
    call: 'pivot_root',
    id: 'files/pivot-root',
    title: 'changes the root of its mount namespace',
    gain: 'the old root: the host',
  },
  {
    call: 'open_tree',
    id: 'files/open-tree',
    title: 'copies a mount with open_tree(2), which older filters do not know',
    gain: 'what is hidden below other mounts, and writable copies of read-only ones',
  },
  {
    call: 'fsopen',
    id: 'files/fsopen',
    title: 'opens a file system with fsopen(2), which older filters do not know',
    gain: 'mounts, and a large part of the kernel to attack (CVE-2022-0185)',
  },
  {
    call: 'mount_setattr',
    id: 'files/mount-setattr',
    title: 'takes the read-only flag off a mount with mount_setattr(2)',
    gain: 'every file of the jail that its rights cover, for all users of it',
    controlOn: '/',
  },
];

function mountProbe({ call, controlOn, ...attack }: MountAttack): Probe {
  return {
    ...attack,
    ...{ severity: 'critical', layer: 'seccomp, no_capabilities', expected: 'EPERM' },
    control: 'root may, in a mount namespace of its own outside the jail',
    remedy: withoutRights,
    attempt: async (range) =>
      compare(range, {
        attempt: ['mount-call', call, roomIn(range), 'fresh'],
        control: ['mount-call', call, controlOn ?? (await roomOutside(range, 0))],
        controlAs: 'root',
        // Past the check of rights: what is mounted where does not fit (pivot_root(2)).
        reached: ['EINVAL', 'EBUSY'],
        refusals: ['EPERM'],
      }),
  };
}

function deviceProbe(id: string, what: string, type: 'b' | 'c', number: readonly string[]): Probe {
  return {
    ...{ id, title: `makes a node of ${what}`, severity: 'critical' },
    ...{ layer: 'no_capabilities', expected: 'EPERM' },
    control: 'root may, outside the jail',
    gain: `${what}, and with it everything`,
    remedy:
      'run programs without CAP_MKNOD, on file systems that are mounted nodev, and with no devices allowed to their cgroup',
    attempt: async (range) =>
      compare(range, {
        attempt: ['make-device', roomIn(range), type, ...number],
        control: ['make-device', await roomOutside(range, 0), type, ...number],
        controlAs: 'root',
        refusals: ['EPERM'],
      }),
  };
}

const openDevices: Probe = {
  id: 'files/open-devices',
  title: 'opens disks, the memory and the log of the machine, where the jail has a node of them',
  ...{ severity: 'critical', layer: 'private_devices', expected: 'there is none, or EACCES' },
  control: 'root makes nodes of them outside the jail, and can open one',
  gain: 'every byte of the disk, past all rights',
  remedy: 'rm the nodes: a jail needs null, zero, full, random and urandom',
  attempt: async (range) =>
    compare(range, {
      attempt: ['open-devices', '/'],
      control: ['open-made-devices', await roomOutside(range, 0)],
      controlAs: 'root',
      refusals: ['ENOENT', 'EACCES', 'EPERM'],
    }),
};

const byHandle: Probe = {
  id: 'files/open-by-handle',
  title: 'opens a file outside by its number, with open_by_handle_at(2)',
  ...{ severity: 'critical', layer: 'seccomp, no_capabilities', expected: 'EPERM' },
  control: 'root may, outside the jail',
  gain: 'every file of the file system that the jail is on (CVE-2014-3519)',
  remedy: 'run programs without CAP_DAC_READ_SEARCH; a filter for system calls refuses it as well',
  attempt: async (range) => {
    const { path } = range.host.canary();
    return compare(range, {
      attempt: ['open-by-handle', roomIn(range), path],
      control: ['open-by-handle', range.host.directory, path],
      controlAs: 'root',
      // Past the check of rights: a file system without handles, or no file of that number.
      reached: ['ESTALE', 'EOPNOTSUPP', 'EINVAL'],
      refusals: ['EPERM'],
    });
  },
};

export const kernelProbes: readonly Probe[] = [
  deviceProbe('files/mknod-memory', 'the memory of the machine', 'c', ['1', '1']),
  deviceProbe('files/mknod-disk', 'a disk', 'b', ['8', '0']),
  openDevices,
  ...mountAttacks.map(mountProbe),
  byHandle,
];
