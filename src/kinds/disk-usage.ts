import { SignalledToolError } from '../model/failure.ts';
import { parentOf } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';

/** Paths of one call: their names stay well under the kernel's limit for arguments (execve(2)). */
const pathsPerCall = 2000;

const du = ['du', '--block-size=1', '--null'] as const;

/**
 * Jails share files: each is counted in every jail that has it, in whatever order they come. A
 * tenant's own links count as often, which only makes a size that is shown larger.
 */
const duOfJails = [...du, '--count-links'] as const;

type Du = typeof du | typeof duOfJails;

function sizesIn(output: string): readonly (readonly [path: string, bytes: number])[] {
  return output.split('\0').flatMap((record) => {
    const tab = record.indexOf('\t');
    return tab > 0 ? [[record.slice(tab + 1), Number(record.slice(0, tab))] as const] : [];
  });
}

/** A moving tree can even make `du` abort (SIGABRT, an assertion of its own): then it says less. */
function query(reader: Reader, argv: readonly [string, ...string[]]): string {
  try {
    return reader.query(argv).stdout;
  } catch (error) {
    if (error instanceof SignalledToolError) return '';
    throw error;
  }
}

/**
 * `du` gives up when somebody moves the directory that it is in, and a tenant can do that all the
 * time: it must not keep its jail from being destroyed so. What `du` has counted until then is
 * printed from the inside out.
 */
function countedUsage(reader: Reader, path: string, measure: Du): number {
  const sizes = sizesIn(query(reader, [...measure, '--', path]));
  const counted = new Set(sizes.map(([directory]) => directory));
  const tops = sizes.filter(
    ([directory]) => directory === path || !counted.has(parentOf(directory)),
  );
  return tops.reduce((sum, [, bytes]) => sum + bytes, 0);
}

function usageBy(
  reader: Reader,
  paths: readonly string[],
  measure: Du,
): ReadonlyMap<string, number> {
  const usage = new Map<string, number>();
  for (let first = 0; first < paths.length; first += pathsPerCall) {
    // Not --one-file-system: on overlayfs files have another device number than directories.
    const some = paths.slice(first, first + pathsPerCall);
    const sizes = sizesIn(query(reader, [...measure, '--summarize', '--', ...some]));
    for (const [path, bytes] of sizes) usage.set(path, bytes);
  }
  for (const path of paths)
    if (!usage.has(path)) usage.set(path, countedUsage(reader, path, measure));
  return usage;
}

/**
 * Disk space of directory trees, in bytes, by path; of a tree that changes meanwhile maybe less than
 * it is. `du` walks by descriptor: a tenant's deep or changing tree can't lead it astray.
 */
export function diskUsage(reader: Reader, paths: readonly string[]): ReadonlyMap<string, number> {
  return usageBy(reader, paths, du);
}

/** As `diskUsage`, of whole jails. */
export function diskUsageOfJails(
  reader: Reader,
  paths: readonly string[],
): ReadonlyMap<string, number> {
  return usageBy(reader, paths, duOfJails);
}

/**
 * As `diskUsageOfJails`, but for this long at most, for who only wants to see it.
 * @returns sizes of the trees that were counted until then
 */
export function diskUsageWithin(
  reader: Reader,
  paths: readonly string[],
  secondsMax: number,
): ReadonlyMap<string, number> {
  if (paths.length === 0) return new Map();
  // What `du` has printed of whole trees is there when timeout(1) ends it.
  const limited = [
    'timeout',
    String(secondsMax),
    ...duOfJails,
    '--summarize',
    '--',
    ...paths,
  ] as const;
  return new Map(sizesIn(query(reader, limited)));
}
