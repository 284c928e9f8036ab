import { type Mount, readMounts } from '../../kinds/mounts.ts';
import type { Reader } from '../../model/reader.ts';

/** File systems without a block device that keep files of users all the same. */
const keepers: ReadonlySet<string> = new Set(
  'tmpfs ramfs devtmpfs overlay aufs mqueue hugetlbfs zfs bcachefs'.split(' '),
);

/** The types that need no block device: network file systems, FUSE, and what the kernel makes up. */
function deviceless(reader: Reader): ReadonlySet<string> {
  const lines = (reader.readText('/proc/filesystems') ?? '').split('\n');
  return new Set(lines.filter((line) => line.startsWith('nodev\t')).map((line) => line.slice(6)));
}

function contains(directory: string, path: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** A place to look through, on its own file system only. */
export interface Place {
  readonly root: string;
  /** Paths below it that are not looked at. */
  readonly except: readonly string[];
}

/**
 * Every local file system that can be written to, where it is mounted: what is mounted twice, whole
 * or a part of it, once.
 */
export function localFileSystems(reader: Reader): readonly Place[] {
  const types = deviceless(reader);
  // A later mount at the same point hides an earlier one.
  const seen = new Map<string, Mount>();
  for (const mount of readMounts(reader)) seen.set(mount.point, mount);
  const local = [...seen.values()]
    .filter(({ type, isReadOnly }) => !isReadOnly && (!types.has(type) || keepers.has(type)))
    .sort((a, b) => a.root.length - b.root.length || (a.point < b.point ? -1 : 1));
  const chosen: Mount[] = [];
  for (const mount of local) {
    const isPart = ({ device, root }: Mount) =>
      device === mount.device && contains(root, mount.root);
    if (!chosen.some(isPart)) chosen.push(mount);
  }
  return chosen.map(({ point, device }) => {
    // `find -xdev` does not stop there: it is the same file system.
    const again = [...seen.values()].filter(
      (other) => other.device === device && other.point !== point && contains(point, other.point),
    );
    return { root: point, except: again.map((mount) => mount.point) };
  });
}
