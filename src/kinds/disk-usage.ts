import { Failure } from '../model/failure.ts';
import type { Reader } from '../model/reader.ts';

/** Paths of one call: their names stay well under the kernel's limit for arguments (execve(2)). */
const pathsPerCall = 2000;

/**
 * Disk space of directory trees, in bytes, by path. `du` walks by descriptor: a tenant's deep or
 * changing tree can't lead it astray.
 */
export function diskUsage(reader: Reader, paths: readonly string[]): ReadonlyMap<string, number> {
  const usage = new Map<string, number>();
  for (let first = 0; first < paths.length; first += pathsPerCall) {
    // Not --one-file-system: on overlayfs files have another device number than directories.
    const flags = ['--summarize', '--block-size=1', '--null'] as const;
    const some = paths.slice(first, first + pathsPerCall);
    const { stdout } = reader.query(['du', ...flags, '--', ...some]);
    for (const record of stdout.split('\0')) {
      const tab = record.indexOf('\t');
      if (tab > 0) usage.set(record.slice(tab + 1), Number(record.slice(0, tab)));
    }
  }
  const missing = paths.find((path) => !usage.has(path));
  if (missing !== undefined) throw new Failure(`can't tell the size of ${missing}`);
  return usage;
}
