import { bundleConfigFile, leaseFile } from '../model/host-paths.ts';
import type { HeldLease } from '../model/host-status.ts';
import type { Reader } from '../model/reader.ts';

/** Has the process the file open? */
function hasOpen(reader: Reader, pid: number, path: string): boolean {
  const directory = `/proc/${pid}/fd`;
  return (reader.list(directory) ?? []).some((descriptor) => {
    try {
      return reader.readLink(`${directory}/${descriptor}`) === path;
    } catch {
      // It was closed, or the process ended, after it was listed.
      return false;
    }
  });
}

/**
 * Who has leased a user now. It only looks: to try the lock would, for that moment, make the user
 * busy to others. /proc/locks does not do either: in a PID namespace it hides locks whose taker has
 * ended, as flock(1) has.
 * @returns undefined for a user that is free
 */
export function readLease(reader: Reader, user: string): HeldLease | undefined {
  const path = leaseFile(user);
  const stat = reader.lstat(path);
  const text = stat === undefined ? undefined : reader.readText(path);
  // The last to write there has it. Nothing is written while one only waits for it.
  const pid = Number(/^pid (\d+)$/m.exec(text?.trim().split('\n').at(-1) ?? '')?.[1]);
  if (stat === undefined || Number.isNaN(pid)) return undefined;
  const runs = reader.lstat(bundleConfigFile(user)) !== undefined;
  const state = !hasOpen(reader, pid, path) ? 'orphaned' : runs ? 'running' : 'idle';
  return { state, pid, sinceMs: stat.mtimeMs };
}
