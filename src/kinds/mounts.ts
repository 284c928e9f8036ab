import type { Conflict } from '../model/change.ts';
import type { Reader } from '../model/reader.ts';

/** proc_pid_mountinfo(5) writes space, tab, newline and backslash as three octal digits. */
function unescapeMountPoint(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Every mount point that this process sees. */
export function readMountPoints(reader: Reader): readonly string[] {
  const lines = (reader.readText('/proc/self/mountinfo') ?? '').split('\n');
  return lines.map((line) => unescapeMountPoint(line.split(' ')[4] ?? ''));
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
