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
 * Mount points at or below `path`: data that a removal must not reach (bastille#662 deleted what
 * was mounted in a jail).
 */
export function mountsWithin(mountPoints: readonly string[], path: string): readonly string[] {
  return mountPoints.filter((point) => point === path || point.startsWith(`${path}/`));
}
