import type { Change } from '../../model/change.ts';
import { jailScratch, jailTemporary } from '../../model/host-paths.ts';
import type { Device, Placement, Step } from '../../model/step.ts';
import { removeXattrs } from '../root-only.ts';
import { hostPath, type TreeNode } from './node.ts';

function placement(node: TreeNode): Placement {
  return { path: hostPath(node), temporary: jailTemporary(node.root) };
}

function isDirectory(node: TreeNode): boolean {
  const { entry } = node;
  return (
    entry.type === 'directory' ||
    entry.type === 'home' ||
    entry.type === 'doomed-home' ||
    (entry.type === 'other' && entry.what === 'directory')
  );
}

function removal(node: TreeNode): Step {
  return isDirectory(node)
    ? { op: 'removeTrees', paths: [hostPath(node)], scratch: jailScratch(node.root) }
    : { op: 'removeFile', path: hostPath(node) };
}

/** Directories of one jail go together; homes of a jail that goes whole go with it. */
function removals(nodes: readonly TreeNode[]): readonly Step[] {
  const staying = nodes.filter(({ entry }) => entry.type !== 'doomed-home' || !entry.withJail);
  const byRoot = Map.groupBy(staying.filter(isDirectory), (node) => node.root);
  return [
    ...staying.filter((node) => !isDirectory(node)).map(removal),
    ...[...byRoot].map(
      ([root, held]): Step => ({
        op: 'removeTrees',
        paths: held.map(hostPath),
        scratch: jailScratch(root),
      }),
    ),
  ];
}

type DeviceEntry = Extract<TreeNode['entry'], { type: 'device' }>;

/** Devices are made several at once: each has a temporary name of its own. */
function deviceOf(node: TreeNode, { mode, major, minor }: DeviceEntry): Device {
  const { path, temporary } = placement(node);
  return { to: { path, temporary: `${temporary}-${major}-${minor}` }, mode, major, minor };
}

/** Makes devices that follow one another in one step. */
function together(steps: readonly Step[]): readonly Step[] {
  const joined: Step[] = [];
  for (const step of steps) {
    const last = joined.at(-1);
    if (step.op === 'makeDevices' && last?.op === 'makeDevices') {
      joined[joined.length - 1] = { ...step, devices: [...last.devices, ...step.devices] };
    } else {
      joined.push(step);
    }
  }
  return joined;
}

/** A new inode, renamed into place: the old one's content, mode and attributes go with it. */
function creation(node: TreeNode): Step {
  const { entry } = node;
  const to = placement(node);
  switch (entry.type) {
    case 'directory':
    case 'home':
      return {
        op: node.path === '/' ? 'setAttributes' : 'makeDirectory',
        path: to.path,
        mode: entry.mode,
        uid: node.uid,
        gid: node.gid,
      };
    case 'file': {
      if (entry.source.from === 'jailctl') {
        return { op: 'writeFile', to, base64: entry.source.base64, mode: entry.mode };
      }
      const { path: from, mtimeSeconds, ctimeMs, twin } = entry.source;
      return {
        op: 'copyFile',
        from,
        to,
        mode: entry.mode,
        sizeBytes: entry.sizeBytes,
        mtimeSeconds,
        ctimeMs,
        ...(twin !== undefined && { twin }),
      };
    }
    case 'symlink':
      return { op: 'makeSymlink', to, target: entry.target };
    case 'device':
      return { op: 'makeDevices', devices: [deviceOf(node, entry)] };
    default:
      throw new Error(`${node.path} of jail ${node.jail} can't be made: ${entry.type}`);
  }
}

/** A directory can't be replaced while it holds something: it is mended where it stands. */
function mendDirectory(before: TreeNode, after: TreeNode): readonly Step[] {
  const path = hostPath(after);
  const removals = removeXattrs(path, before.xattrs);
  if (after.entry.type !== 'directory' && after.entry.type !== 'home') return removals;
  const { mode } = after.entry;
  return [...removals, { op: 'setAttributes', path, mode, uid: after.uid, gid: after.gid }];
}

function update(before: TreeNode, after: TreeNode): readonly Step[] {
  if (isDirectory(after) && isDirectory(before)) return mendDirectory(before, after);
  // rename(2) replaces a file by a file; where one of the two is a directory, the old one goes first.
  if (isDirectory(before) || isDirectory(after)) return [removal(before), creation(after)];
  return [creation(after)];
}

/** Homes with something in them are kept before anything is removed, also those of a jail that goes. */
function archiving(
  doomed: readonly TreeNode[],
  archives: ReadonlyMap<string, string>,
): readonly Step[] {
  return doomed.flatMap((node) => {
    const { jail, path, entry } = node;
    const directory = archives.get(jail);
    if (directory === undefined || entry.type !== 'doomed-home' || entry.bytes === 0) return [];
    const name = `${jail}-${path.slice(path.lastIndexOf('/') + 1)}`;
    return [{ op: 'archiveHome', path: hostPath(node), directory, name }];
  });
}

/**
 * Deletions first; then parents before what they hold, and a jail's root directory last: until
 * then a new jail is closed to everybody but root.
 */
export function treeSteps(
  changes: readonly Change<TreeNode>[],
  archives: ReadonlyMap<string, string>,
): readonly Step[] {
  const doomed = changes.flatMap((change) => (change.action === 'delete' ? [change.before] : []));
  const rank = (node: TreeNode) => (node.path === '/' ? 1 : 0);
  const making = changes
    .flatMap((change) => (change.action === 'delete' ? [] : [change]))
    .sort(({ after: a }, { after: b }) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  return [
    ...archiving(doomed, archives),
    ...removals(doomed),
    ...together(
      making.flatMap((change) =>
        change.action === 'create' ? [creation(change.after)] : update(change.before, change.after),
      ),
    ),
  ];
}
