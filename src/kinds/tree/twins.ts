import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { parentOf } from '../../model/host-paths.ts';
import type { Reader } from '../../model/reader.ts';
import type { TreeEntry } from './entry.ts';
import { hostPath, type TreeNode } from './node.ts';

/*
 * Jails share the files that they have in common: a file that is made may have a twin, which is the
 * same path in another jail with the same file of the host as its source. Homes and what jailctl
 * writes itself are never shared.
 */

type FileEntry = Extract<TreeEntry, { type: 'file' }>;
type Copy = FileEntry & { readonly source: { readonly from: 'host' } };

/** A file of a jail that is a copy of one of the host. */
type CopyNode = TreeNode & { readonly entry: Copy };

function isCopy(node: TreeNode): node is CopyNode {
  return node.entry.type === 'file' && node.entry.source.from === 'host';
}

/** Which files may be one. Hard links don't leave their file system, which a device stands for. */
function keyOf({ path, entry }: CopyNode, device: number): string {
  const { mode, sizeBytes, source } = entry;
  const { mtimeSeconds, ctimeMs } = source;
  return JSON.stringify([device, path, source.path, mode, sizeBytes, mtimeSeconds, ctimeMs]);
}

type Making = Exclude<Change<TreeNode>, { action: 'delete' }> & { readonly after: CopyNode };

function isMaking(change: Change<TreeNode>): change is Making {
  return change.action !== 'delete' && isCopy(change.after);
}

function withTwin(change: Making, twin: string): Making {
  const { after } = change;
  const source = { ...after.entry.source, twin };
  return { ...change, after: { ...after, entry: { ...after.entry, source } } };
}

/** By key, the files that are right as they stand. */
function standing(
  changes: readonly Change<TreeNode>[],
  making: readonly Making[],
  desired: Iterable<readonly [Address, TreeNode]>,
  devices: ReadonlyMap<string, number>,
): Map<string, TreeNode> {
  const paths = new Set(making.map(({ after }) => after.path));
  const changed = new Set(changes.map(({ address }) => address));
  const found = new Map<string, TreeNode>();
  for (const [address, node] of desired) {
    const device = devices.get(node.jail);
    if (!paths.has(node.path) || !isCopy(node) || device === undefined) continue;
    if (!changed.has(address)) found.set(keyOf(node, device), node);
  }
  return found;
}

/**
 * Names the twins of the files that are to be made: each is right as it stands, or a stage before
 * makes it. A plan makes trees jail by jail, in the order of their names.
 * @param changes of all jails
 * @param desired of all jails: what does not change is right
 * @param devices where the files of each jail lie; a jail that is not in it shares nothing
 */
export function nameTwins(
  changes: readonly Change<TreeNode>[],
  desired: Iterable<readonly [Address, TreeNode]>,
  devices: ReadonlyMap<string, number>,
): readonly Change<TreeNode>[] {
  const making = changes.filter(isMaking);
  if (making.length === 0) return changes;
  const latest = standing(changes, making, desired, devices);
  const named = making
    .toSorted((a, b) => (a.after.jail < b.after.jail ? -1 : 1))
    .map((change) => {
      const { after } = change;
      const device = devices.get(after.jail);
      if (device === undefined) return change;
      const key = keyOf(after, device);
      const twin = latest.get(key);
      // The newest one, so that what follows a file with as many names as it can have links to it.
      latest.set(key, after);
      return twin === undefined ? change : withTwin(change, hostPath(twin));
    });
  return [...changes.filter((change) => !isMaking(change)), ...named];
}

/** The file system of each jail; of one that is not made yet, that of the directory it will lie in. */
export function devicesOf(
  reader: Reader,
  jails: Iterable<{ readonly name: string; readonly path: string }>,
): ReadonlyMap<string, number> {
  const devices = [...jails].flatMap(({ name, path }) => {
    const stat = reader.lstat(path) ?? reader.lstat(parentOf(path));
    return stat === undefined ? [] : [[name, stat.device] as const];
  });
  return new Map(devices);
}
