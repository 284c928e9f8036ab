import { parentOf } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';

/** A directory that is not root's, or that others can write to, lets them swap the jail under us. */
export function untrustedAncestor(reader: Reader, path: string): string | undefined {
  for (let at = parentOf(path); ; at = parentOf(at)) {
    const stat = reader.lstat(at);
    if (stat === undefined) return `${at} does not exist`;
    if (stat.type !== 'directory') return `${at} is not a directory`;
    if (stat.uid !== 0) return `${at} belongs to UID ${stat.uid}, not to root`;
    if ((stat.mode & 0o022) !== 0) return `others than root can write to ${at}`;
    if (at === '/') return undefined;
  }
}
