import type { Conflict } from '../model/change.ts';
import type { Reader } from '../model/reader.ts';

/** proc_pid_mountinfo(5) writes space, tab, newline and backslash as three octal digits. */
function unescapeMountPoint(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** One line of proc_pid_mountinfo(5). */
export interface Mount {
  readonly point: string;
  /** `major:minor` of the file system. */
  readonly device: string;
  /** The directory in the file system that is seen at the mount point. */
  readonly root: string;
  /** `ext4`, `nfs4`. */
  readonly type: string;
  readonly isReadOnly: boolean;
}

/** Every mount that this process sees, in the order in which they were made. */
export function readMounts(reader: Reader): readonly Mount[] {
  const lines = (reader.readText('/proc/self/mountinfo') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [own = '', ofFileSystem = ''] = line.split(' - ');
    const [, , device, root, point, options = ''] = own.split(' ');
    const [type, , superOptions = ''] = ofFileSystem.split(' ');
    if (device === undefined || root === undefined || point === undefined) return [];
    const isReadOnly = [options, superOptions].some((list) => list.split(',').includes('ro'));
    const paths = { point: unescapeMountPoint(point), root: unescapeMountPoint(root) };
    return [{ ...paths, device, type: type ?? '', isReadOnly }];
  });
}

/** Every mount point that this process sees. */
export function readMountPoints(reader: Reader): readonly string[] {
  return readMounts(reader).map(({ point }) => point);
}

/**
 * What is in the way of removing `path`: file systems that are mounted at it or below it, whose
 * data a removal must not reach (bastille#662 deleted what was mounted in a jail).
 * @param mountPoints of readMountPoints
 * @param whose the resource that would go, and its jail
 */
export function mountConflicts(
  mountPoints: readonly string[],
  path: string,
  whose: Pick<Conflict, 'address'> & { readonly jail: string },
): readonly Conflict[] {
  const points = mountPoints.filter((point) => point === path || point.startsWith(`${path}/`));
  if (points.length === 0) return [];
  return [
    {
      ...whose,
      message: `a file system is mounted in the jail: ${points.join(', ')}`,
      waysOut: [`unmount it: umount -- ${points.at(-1)}`],
    },
  ];
}
