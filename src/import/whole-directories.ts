import { type HostView, isWithin } from '../desired/closure/host-view.ts';
import { ancestors } from '../manifest/paths.ts';

/** Fewer files are clearer by their own names. */
const filesMin = 3;
/** Of the host's files, a jail may lack one in ten: those that came after it was made. */
const missingShare = 0.1;

/**
 * Does a jail have nearly all that a directory of the host holds? It stops at the first doubt.
 * @param files of the jail, by the paths that the host has them at
 */
export function hasWhole(view: HostView, files: ReadonlySet<string>, directory: string): boolean {
  const inJail = [...files].filter((path) => isWithin(path, directory));
  const missingMax = Math.floor(inJail.length * missingShare);
  let missing = 0;
  const pending = [directory];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const name of view.list(at)) {
      // Python makes these anew.
      if (name === '__pycache__') continue;
      const path = `${at}/${name}`;
      const type = view.lstat(path)?.type;
      if (type === 'directory') pending.push(path);
      else if (type === 'file' && !files.has(path)) missing += 1;
      if (missing > missingMax) return false;
    }
  }
  return true;
}

/**
 * Directories of the host that a jail has as a whole, the outermost ones.
 * @param files of the jail, by the paths that the host has them at
 * @param wanted those of them that nothing brings yet
 */
export function wholeDirectories(
  view: HostView,
  files: ReadonlySet<string>,
  wanted: readonly string[],
): readonly string[] {
  const counts = new Map<string, string[]>();
  for (const path of wanted) {
    for (const directory of ancestors(path)) {
      const held = counts.get(directory);
      if (held === undefined) counts.set(directory, [path]);
      else held.push(path);
    }
  }
  const outermostFirst = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const chosen: string[] = [];
  for (const [directory, held] of outermostFirst) {
    if (held.length < filesMin || chosen.some((other) => isWithin(directory, other))) continue;
    if (hasWhole(view, files, directory)) chosen.push(directory);
  }
  return chosen;
}
