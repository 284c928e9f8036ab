import { unescapePath } from '../mountinfo.ts';

/** One file system of the real host that the throwaway host gets a copy-on-write copy of. */
export interface Layer {
  /** Where it is mounted; `/` for the first layer. */
  readonly mountPoint: string;
  /** As the kernel names it: `ext4`. */
  readonly fileSystem: string;
  /** `bind`: it is read only on the real host too, so a copy of it would never be written. */
  readonly by: 'overlay' | 'bind';
  /** Those of the mount flags that decide what works there: `['nosuid', 'nodev']`. */
  readonly flags: readonly string[];
}

/** Windows into the kernel: they hold no files that an overlay could copy. */
const kernelFileSystems = new Set([
  'autofs',
  'binder',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'fusectl',
  'hugetlbfs',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'sysfs',
  'tracefs',
]);

/** The throwaway host has its own of these, with nothing of the real host below them. */
const ownDirectory = /^\/(?:dev|proc|run|sys)(?:\/|$)/;

const keptFlags = ['ro', 'nosuid', 'nodev', 'noexec'];

function parseLine(line: string): Layer | undefined {
  const [front = '', back = ''] = line.split(' - ');
  const [, , , , mountPoint = '', options = ''] = front.split(' ');
  const [fileSystem = ''] = back.split(' ');
  if (kernelFileSystems.has(fileSystem)) return undefined;
  const flags = options.split(',').filter((option) => keptFlags.includes(option));
  const by = flags.includes('ro') && mountPoint !== '/' ? 'bind' : 'overlay';
  return { mountPoint: unescapePath(mountPoint), fileSystem, by, flags };
}

/**
 * What has to be copied, from the text of /proc/self/mountinfo: the root and each file system
 * mounted below it, parents first. Where several are stacked on one mount point, the last counts.
 */
export function layersOf(mountinfo: string): Layer[] {
  const byMountPoint = new Map<string, Layer>();
  for (const line of mountinfo.split('\n')) {
    const layer = line === '' ? undefined : parseLine(line);
    if (layer === undefined || ownDirectory.test(layer.mountPoint)) continue;
    byMountPoint.set(layer.mountPoint, layer);
  }
  return [...byMountPoint.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
}
