import { below } from '../model/host-paths.ts';
import { octal } from '../model/numbers.ts';
import type { Reader, Stat } from '../model/reader.ts';
import { walkPath } from '../model/walk-path.ts';

/** Something in a tree that is not a plain file of root's which nobody else can change. */
export interface AuditItem {
  /** As find(1) has it: f, d, l, c, b, p, s. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  /** Device and number: the same file has the same. */
  readonly inode: string;
  readonly major: number;
  readonly minor: number;
  readonly hasCapability: boolean;
  readonly hasAcl: boolean;
  /** From the root of the tree: `/etc/passwd`. */
  readonly path: string;
}

const itemForm =
  /^item (?<type>\S) (?<mode>[0-7]+) (?<uid>\d+) (?<gid>\d+) (?<links>\d+) (?<device>[0-9a-f]+) (?<number>\d+) (?<major>\d+) (?<minor>\d+) (?<capability>[k-])(?<acl>[a-]) (?<path>.*)$/;

function parseItem(line: string, root: string): AuditItem | undefined {
  const groups = itemForm.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { type = '', mode = '', device = '', number = '', path = '' } = groups;
  return {
    type,
    mode: Number.parseInt(mode, 8),
    uid: Number(groups['uid']),
    gid: Number(groups['gid']),
    links: Number(groups['links']),
    inode: `${device}:${number}`,
    major: Number(groups['major']),
    minor: Number(groups['minor']),
    hasCapability: groups['capability'] === 'k',
    hasAcl: groups['acl'] === 'a',
    path: path === root ? '/' : path.slice(root.length),
  };
}

/** What the probe program's `audit` said of the tree below `root`. */
export function parseAudit(output: string, root: string): readonly AuditItem[] {
  return output.split('\n').flatMap((line) => parseItem(line, root) ?? []);
}

/** Homes, by path, with the UIDs of their owners. */
function homesOf(items: readonly AuditItem[]): ReadonlyMap<string, number> {
  const homes = items.filter(
    ({ type, uid, path }) => type === 'd' && uid !== 0 && /^\/home\/[^/]+$/.test(path),
  );
  return new Map(homes.map(({ path, uid }) => [path, uid]));
}

type Judge = (items: readonly AuditItem[]) => readonly AuditItem[];

/** Judges all but what belongs to the owner of the home that it lies in: that is the tenant's. */
function outsideHomes(isBad: (item: AuditItem) => boolean): Judge {
  return (items) => {
    const homes = homesOf(items);
    return items.filter((item) => {
      const home = /^\/home\/[^/]+(?=\/)/.exec(item.path)?.[0];
      const isTenants = home !== undefined && homes.get(home) === item.uid;
      return !isTenants && isBad(item);
    });
  };
}

/** Directories that everybody may write in, each only to own files (the sticky bit). */
const sharedDirectories = new Set(['/tmp', '/var/tmp', '/dev/shm']);

const sticky = 0o1000;

function isWritable(item: AuditItem, homes: ReadonlyMap<string, number>): boolean {
  const { type, mode, uid, gid, path } = item;
  if (type !== 'f' && type !== 'd') return false;
  if (sharedDirectories.has(path) && (mode & sticky) !== 0 && uid === 0) return false;
  if (homes.has(path)) return false;
  return uid !== 0 || (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
}

/** MAJOR:MINOR of null, zero, full, random, urandom and tty. */
const goodDevices = new Set(['1:3', '1:5', '1:7', '1:8', '1:9', '5:0']);

/** What must not be in a jail, by what it gives. Each takes all items of a tree. */
export const auditJudges = {
  setuid: outsideHomes(({ type, mode }) => type === 'f' && (mode & 0o6000) !== 0),
  capabilities: (items) => items.filter(({ hasCapability }) => hasCapability),
  devices: (items) =>
    items.filter(
      ({ type, major, minor }) =>
        type === 'b' || (type === 'c' && !goodDevices.has(`${major}:${minor}`)),
    ),
  /** Files with more names than the tree has: the others are outside. */
  hardLinks: (items) => {
    const files = items.filter(({ type, links }) => type !== 'd' && links > 1);
    const names = Map.groupBy(files, ({ inode }) => inode);
    return files.filter(({ inode, links }) => links > (names.get(inode)?.length ?? 0));
  },
  writable: (items) => {
    const homes = homesOf(items);
    return outsideHomes((item) => isWritable(item, homes))(items);
  },
  acls: outsideHomes(({ hasAcl }) => hasAcl),
  specials: outsideHomes(({ type }) => type === 'p' || type === 's'),
  /** Homes that others than their owners can enter. */
  openHomes: (items) => {
    const homes = homesOf(items);
    return items.filter(
      ({ type, mode, path }) => type === 'd' && homes.has(path) && (mode & 0o077) !== 0,
    );
  },
} satisfies Readonly<Record<string, Judge>>;

export type AuditName = keyof typeof auditJudges;

/** As the probe program writes it. */
function inodeText({ device, inode }: Stat): string {
  return `${device.toString(16)}:${inode}`;
}

/**
 * Jails of jailctl share files of root's: then each further name of a file is its own path in
 * another one of them.
 * @param items of the tree that hold several names, all that there are of each
 * @param others the root directories of the other jails
 * @returns those that have a name which this does not explain
 */
export function notShared(
  reader: Reader,
  items: readonly AuditItem[],
  others: readonly string[],
): readonly AuditItem[] {
  const byInode = Map.groupBy(items, ({ inode }) => inode);
  const isShared = (names: readonly AuditItem[]) => {
    const [first] = names;
    if (first === undefined || names.some(({ path }) => path.startsWith('/home/'))) return false;
    const elsewhere = names.flatMap(({ path, inode }) =>
      others.filter((root) => {
        const stat = reader.lstat(below(root, path));
        return stat !== undefined && inodeText(stat) === inode;
      }),
    );
    const { type, uid, gid, links } = first;
    return type === 'f' && uid === 0 && gid === 0 && links === names.length + elsewhere.length;
  };
  return [...byInode.values()].filter((names) => !isShared(names)).flat();
}

/** For a person, who has to find it: `/usr/bin/x (mode 4755, of 0:0)`. */
export function itemText({ type, mode, uid, gid, links, major, minor, path }: AuditItem): string {
  const device = type === 'b' || type === 'c' ? `, device ${major}:${minor}` : '';
  const names = type !== 'd' && links > 1 ? `, ${links} links` : '';
  return `${path} (mode ${octal(mode)}, of ${uid}:${gid}${device}${names})`;
}

function whyOpen(path: string, stat: Stat | undefined, isJail: boolean): string | undefined {
  if (stat === undefined) return `${path} is not there`;
  if (stat.type === 'symlink' && isJail) return `${path} is a symlink`;
  if (stat.uid !== 0) return `${path} belongs to the UID ${stat.uid}`;
  // In a sticky directory nobody renames what is root's.
  if (stat.type === 'symlink' || (!isJail && (stat.mode & sticky) !== 0)) return undefined;
  const isOpen = (stat.mode & 0o002) !== 0 || ((stat.mode & 0o020) !== 0 && stat.gid !== 0);
  return isOpen ? `${path} has mode ${stat.mode.toString(8)}` : undefined;
}

/**
 * Who else than root can put another directory in the place of a jail?
 * @param path of the jail, absolute
 * @returns why somebody can, of the directory and of each on the way to it, through symlinks too;
 *   empty where nobody can
 */
export function openWays(reader: Reader, path: string): readonly string[] {
  const ways = [whyOpen('/', reader.lstat('/'), path === '/') ?? []].flat();
  const walked = walkPath(path, (here, isLast) => {
    const stat = reader.lstat(here);
    const why = whyOpen(here, stat, isLast);
    if (why !== undefined) ways.push(why);
    return stat?.type === 'symlink' ? reader.readLink(here) : '';
  });
  if (walked.tooManyLinks) ways.push(`${path} leads through too many symlinks`);
  return ways;
}
