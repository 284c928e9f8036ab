import type { Address } from '../../model/address.ts';
import type { Conflict } from '../../model/change.ts';
import { below, markerFile } from '../../model/host-paths.ts';
import type { Reader, Stat } from '../../model/reader.ts';
import { diskUsage } from '../disk-usage.ts';
import type { Observed } from '../kind.ts';
import { mountConflicts, readMountPoints } from '../mounts.ts';
import { Attributes, type Looked } from './attributes.ts';
import { Contents } from './contents.ts';
import { nodeReasons } from './diff.ts';
import type { FileSource } from './entry.ts';
import { noXattrs, type TreeNode, treeAddress } from './node.ts';

/** A tree as far as observation needs it. */
export interface TreePlace {
  readonly jail: string;
  readonly root: string;
}

/**
 * File systems stamp times with a clock that ticks every 1 to 10 ms (ext4 and xfs use the kernel's
 * coarse clock): a change that follows the seal may bear a slightly earlier time.
 */
const clockTickMs = 20;

/** So much of a file that jailctl should have written is read, for the plan to show what it says. */
const shownBytesMax = 64 * 1024;

/** jailctl's own directory in a jail: the jail kind looks after it. */
const privateName = '.jailctl';

/** Read once for all jails. */
export interface TreeFacts {
  readonly contents: Contents;
  readonly attributes: Attributes;
  /** Milliseconds since the epoch, by the clock that stamps files. */
  readonly nowMs: number;
  readonly mountPoints: readonly string[];
}

class Walk {
  /** Directories that are to be removed whole; how large they are is asked for all at once. */
  readonly doomed: { readonly path: string; readonly stat: Stat }[] = [];
  readonly conflicts: Conflict[] = [];
  /**
   * What changed after this instant is looked at more closely: the content of files, whatever their
   * size and time, and the extended attributes of all.
   */
  private readonly sealMs: number;
  private readonly changed: Looked[] = [];
  private readonly reader: Reader;
  private readonly place: TreePlace;
  private readonly desired: ReadonlyMap<Address, TreeNode>;
  private readonly host: TreeFacts;
  /** What is found, of all jails. */
  private readonly nodes: Map<Address, TreeNode>;

  constructor(
    reader: Reader,
    place: TreePlace,
    desired: ReadonlyMap<Address, TreeNode>,
    host: TreeFacts,
    nodes: Map<Address, TreeNode>,
  ) {
    this.reader = reader;
    this.place = place;
    this.desired = desired;
    this.host = host;
    this.nodes = nodes;
    const sealMs = reader.lstat(markerFile(place.root))?.mtimeMs ?? 0;
    // The clock was put back: what changes now bears times from before the seal.
    this.sealMs = sealMs > host.nowMs ? 0 : sealMs - clockTickMs;
  }

  /** Visits the whole tree. */
  walk(): void {
    this.visit('/');
    this.addXattrs();
  }

  private visit(path: string): void {
    const address = treeAddress(this.place.jail, path);
    const onHost = below(this.place.root, path);
    const stat = this.reader.lstat(onHost);
    if (stat === undefined) return;
    const wanted = this.desired.get(address);
    const isDirectory = stat.type === 'directory';
    if (
      wanted === undefined ||
      (isDirectory && wanted.entry.type !== 'directory' && wanted.entry.type !== 'home')
    ) {
      this.unwanted(path, stat);
      return;
    }
    const node = this.nodeOf(
      path,
      stat,
      this.entryOf(path, stat, wanted.entry),
      this.isAltered(path, stat, wanted),
    );
    if (stat.ctimeMs >= this.sealMs && wanted.entry.type !== 'home') {
      this.changed.push({ path, stat });
    }
    // Of most paths nothing differs: one node for both sides halves the memory of a plan.
    this.nodes.set(address, nodeReasons(wanted, node).length === 0 ? wanted : node);
    if (!isDirectory || wanted.entry.type === 'home') return;
    for (const name of this.reader.list(onHost) ?? []) {
      if (path === '/' && name === privateName) continue;
      this.visit(path === '/' ? `/${name}` : `${path}/${name}`);
    }
  }

  private nodeOf(path: string, stat: Stat, entry: TreeNode['entry'], altered: boolean): TreeNode {
    const { uid, gid } = stat;
    return { ...this.place, path, entry, uid, gid, xattrs: noXattrs, altered };
  }

  /**
   * To set an extended attribute sets the ctime, too (inode(7)): what has not changed since the jail
   * was sealed has none. Those of homes are the tenants'.
   */
  private addXattrs(): void {
    const { jail, root } = this.place;
    const looked = this.changed.map(({ path, stat }) => ({ path: below(root, path), stat }));
    const found = this.host.attributes.of(looked);
    for (const [index, { path }] of this.changed.entries()) {
      const address = treeAddress(jail, path);
      const node = this.nodes.get(address);
      const xattrs = found[index] ?? noXattrs;
      if (node !== undefined && xattrs.length > 0) this.nodes.set(address, { ...node, xattrs });
    }
  }

  /** It is removed whole, so nothing below it is looked at one by one. */
  private unwanted(path: string, stat: Stat): void {
    const address = treeAddress(this.place.jail, path);
    const { jail } = this.place;
    const conflicts = mountConflicts(this.host.mountPoints, below(this.place.root, path), {
      address,
      jail,
    });
    if (conflicts.length > 0) this.conflicts.push(...conflicts);
    else if (stat.type === 'directory') this.doomed.push({ path, stat });
    else {
      this.nodes.set(address, this.nodeOf(path, stat, { type: 'other', what: stat.type }, false));
    }
  }

  private entryOf(path: string, stat: Stat, wanted: TreeNode['entry']): TreeNode['entry'] {
    switch (stat.type) {
      case 'directory':
        return wanted.type === 'home'
          ? { type: 'home', mode: stat.mode, uid: stat.uid, gid: stat.gid }
          : { type: 'directory', mode: stat.mode };
      case 'file':
        return {
          type: 'file',
          mode: stat.mode,
          sizeBytes: stat.sizeBytes,
          source: this.sourceOf(path, stat, wanted),
        };
      case 'symlink':
        return { type: 'symlink', target: this.reader.readLink(below(this.place.root, path)) };
      case 'character-device':
        return { type: 'device', mode: stat.mode, major: stat.major, minor: stat.minor };
      default:
        return { type: 'other', what: stat.type };
    }
  }

  /** What jailctl wrote itself is small and read whole; a copy is known by its source's time. */
  private sourceOf(path: string, stat: Stat, wanted: TreeNode['entry']): FileSource {
    if (wanted.type !== 'file' || wanted.source.from === 'host') {
      const from =
        wanted.type === 'file' && wanted.source.from === 'host' ? wanted.source.path : '';
      return { from: 'host', path: from, mtimeSeconds: stat.mtimeSeconds, ctimeMs: stat.ctimeMs };
    }
    const wantedBytes = Buffer.byteLength(wanted.source.base64, 'base64');
    // One byte more than wanted is enough to tell that a file of any size differs.
    const length = Math.max(wantedBytes + 1, shownBytesMax);
    const content = this.reader.readBytes(below(this.place.root, path), 0, length);
    return { from: 'jailctl', base64: Buffer.from(content).toString('base64') };
  }

  /**
   * Whoever overwrites a file can set its time back, but not its ctime: what changed after the
   * last apply sealed the jail, in the jail or on the host, is compared by content.
   */
  private isAltered(path: string, stat: Stat, wanted: TreeNode): boolean {
    const { entry } = wanted;
    if (entry.type !== 'file' || entry.source.from !== 'host' || stat.type !== 'file') return false;
    const { source } = entry;
    const alike = stat.sizeBytes === entry.sizeBytes && stat.mtimeSeconds === source.mtimeSeconds;
    if (!alike) return false;
    if (stat.ctimeMs < this.sealMs && source.ctimeMs < this.sealMs) return false;
    return !this.host.contents.isSame(below(this.place.root, path), stat, source.path);
  }
}

interface Doomed extends TreePlace {
  readonly path: string;
  readonly stat: Stat;
  readonly withJail: boolean;
}

/** Homes of a jail that goes away: each is named in the plan, with what is lost. */
function homesOf(reader: Reader, place: TreePlace): readonly Doomed[] {
  return (reader.list(below(place.root, '/home')) ?? []).flatMap((name) => {
    const path = `/home/${name}`;
    const stat = reader.lstat(below(place.root, path));
    return stat?.type === 'directory' ? [{ ...place, path, stat, withJail: true }] : [];
  });
}

/** An empty directory takes a block on some file systems, and small files none on others. */
function dataBytes(reader: Reader, home: string, bytes: number): number {
  return (reader.list(home) ?? []).length === 0 ? 0 : Math.max(bytes, 1);
}

function doomedNodes(reader: Reader, doomed: readonly Doomed[]): readonly TreeNode[] {
  const usage = diskUsage(
    reader,
    doomed.map((one) => below(one.root, one.path)),
  );
  return doomed.map(({ jail, root, path, stat, withJail }) => {
    const bytes = usage.get(below(root, path)) ?? 0;
    const entry: TreeNode['entry'] = /^\/home\/[^/]+$/.test(path)
      ? { type: 'doomed-home', bytes: dataBytes(reader, below(root, path), bytes), withJail }
      : { type: 'other', what: 'directory', bytes };
    return { jail, root, path, entry, uid: stat.uid, gid: stat.gid, xattrs: [], altered: false };
  });
}

/**
 * What is mounted over a jail's own paths holds somebody's files, which a walk would take for the
 * jail's, to be removed. A jail may lie on a file system of its own, and so may homes, whose
 * content is their users'.
 */
function coverConflicts(
  mountPoints: readonly string[],
  { jail, root }: TreePlace,
): readonly Conflict[] {
  const homes = below(root, '/home');
  const covering = mountPoints.filter(
    (point) => point !== root && point !== homes && !point.startsWith(`${homes}/`),
  );
  return mountConflicts(covering, root, { address: treeAddress(jail, '/'), jail });
}

/** Reads what is read of all jails at once. */
export function readTreeFacts(reader: Reader): TreeFacts {
  return {
    mountPoints: readMountPoints(reader),
    contents: new Contents(reader),
    attributes: new Attributes(reader),
    // Of a process that begins, so it is in an observation as well.
    nowMs: reader.lstat('/proc/self/.')?.ctimeMs ?? 0,
  };
}

/**
 * Reads the trees of the jails that stay, each in one walk, and the homes of the jails that go.
 * @param owned the jails that have a directory with a marker on the host
 */
export function observeTrees(
  reader: Reader,
  owned: readonly TreePlace[],
  host: TreeFacts,
  desired: ReadonlyMap<Address, TreeNode>,
): Observed<TreeNode> {
  const stays = (place: TreePlace) => desired.has(treeAddress(place.jail, '/'));
  const staying = owned.filter(stays);
  const covered = staying.flatMap((place) => coverConflicts(host.mountPoints, place));
  const isCovered = (jail: string) => covered.some((conflict) => conflict.jail === jail);
  const resources = new Map<Address, TreeNode>();
  const walks = staying
    .filter(({ jail }) => !isCovered(jail))
    .map((place) => {
      const walk = new Walk(reader, place, desired, host, resources);
      walk.walk();
      return { place, walk };
    });
  const doomed = [
    ...walks.flatMap(({ place, walk }) =>
      walk.doomed.map((one) => ({ ...place, ...one, withJail: false })),
    ),
    ...owned.filter((place) => !stays(place)).flatMap((place) => homesOf(reader, place)),
  ];
  for (const node of doomedNodes(reader, doomed)) {
    resources.set(treeAddress(node.jail, node.path), node);
  }
  // Nobody looked, so there is nothing to say but the conflict.
  for (const [address, node] of desired) if (isCovered(node.jail)) resources.set(address, node);
  const conflicts = [...covered, ...walks.flatMap(({ walk }) => walk.conflicts)];
  return { resources, conflicts, warnings: [] };
}
