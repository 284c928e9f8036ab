import type { TreeEntry } from '../kinds/tree/entry.ts';
import { noXattrs, type TreeNode, treeAddress } from '../kinds/tree/node.ts';
import type { Address } from '../model/address.ts';
import type { Reader } from '../model/reader.ts';
import type { JailSettings } from '../model/settings.ts';
import type { Closure } from './closure/closure.ts';
import { linkerCachePath } from './closure/linker-cache.ts';

/**
 * Device nodes that programs expect and that give nothing away: null(4), full(4), random(4).
 * Major 1 is the memory devices' (Linux allocated devices, section 1).
 */
const devices: Readonly<Record<string, number>> = {
  null: 3,
  zero: 5,
  full: 7,
  random: 8,
  urandom: 9,
};

/** As much of a jail's settings as its own paths depend on. */
type OwnSettings = Pick<JailSettings, 'users' | 'network'>;

/** A path of a jail, and what is there. */
export type OwnEntry = readonly [path: string, entry: TreeEntry];

const directory: TreeEntry = { type: 'directory', mode: 0o755 };

function textFile(text: string): TreeEntry {
  const content = Buffer.from(text);
  return {
    type: 'file',
    mode: 0o644,
    sizeBytes: content.length,
    source: { from: 'jailctl', base64: content.toString('base64') },
  };
}

/** The shell that the jail's passwd names: the first that the jail has. */
function shellOf(closure: Closure): string {
  const shells = ['/bin/bash', '/usr/bin/bash', '/bin/sh', '/usr/bin/sh'];
  const usable = shells.find((path) => closure.entries.has(path));
  return usable ?? '/bin/false';
}

/**
 * The jail's own accounts: its users and nobody else, without any password field to guess at.
 * `chroot --userspec=NAME` looks names up here, inside the jail.
 */
function accountFiles(settings: OwnSettings, shell: string): readonly OwnEntry[] {
  const users = settings.users.map(
    ({ name, uid }) => `${name}:x:${uid}:${uid}:${name}:/home/${name}:${shell}\n`,
  );
  const groups = settings.users.map(({ name, uid }) => `${name}:x:${uid}:\n`);
  const hosts = settings.network.mode === 'none' ? 'files' : 'files dns';
  return [
    ['/etc/passwd', textFile(users.join(''))],
    ['/etc/group', textFile(groups.join(''))],
    ['/etc/nsswitch.conf', textFile(`passwd: files\ngroup: files\nhosts: ${hosts}\n`)],
  ];
}

/** The host's time zone, as a file of the jail's own: a link would lead out of the tools. */
function timeZone(reader: Reader): readonly OwnEntry[] {
  let path = '/etc/localtime';
  // localtime(5) is a link to a file below /usr/share/zoneinfo, which may be a link again.
  for (let hops = 0; hops < 8; hops++) {
    const stat = reader.lstat(path);
    if (stat?.type === 'file') {
      const { sizeBytes, mtimeSeconds, ctimeMs } = stat;
      const source = { from: 'host', path, mtimeSeconds, ctimeMs } as const;
      return [['/etc/localtime', { type: 'file', mode: 0o644, sizeBytes, source }]];
    }
    if (stat?.type !== 'symlink') return [];
    path = new URL(reader.readLink(path), `file://${path}`).pathname;
  }
  return [];
}

function homes(settings: OwnSettings): readonly OwnEntry[] {
  return settings.users.map(({ name, uid }) => [
    `/home/${name}`,
    { type: 'home', mode: 0o700, uid, gid: uid },
  ]);
}

function deviceNodes(): readonly OwnEntry[] {
  return Object.entries(devices).map(([name, minor]) => [
    `/dev/${name}`,
    { type: 'device', mode: 0o666, major: 1, minor },
  ]);
}

/** What jailctl makes itself: the jail's small `/etc`, its devices, the homes. */
export function ownEntries(
  reader: Reader,
  settings: OwnSettings,
  closure: Closure,
): readonly OwnEntry[] {
  return [
    ...(closure.linkerCache === undefined ? [] : [[linkerCachePath, closure.linkerCache] as const]),
    ...timeZone(reader),
    ...accountFiles(settings, shellOf(closure)),
    ...deviceNodes(),
    ...homes(settings),
  ];
}

/** Every jail has them, whether a tool needs them or not. */
export const ownDirectories: readonly string[] = ['/', '/dev', '/etc', '/home', '/proc', '/tmp'];

/**
 * Every path of one jail: what the closure of its tools holds, and what jailctl makes itself. The
 * jail's own files win over a tool's of the same name.
 */
export function desiredTree(
  reader: Reader,
  settings: JailSettings,
  closure: Closure,
): ReadonlyMap<Address, TreeNode> {
  const nodes = new Map<Address, TreeNode>();
  const place = { jail: settings.name, root: settings.path };
  const add = (path: string, entry: TreeEntry) => {
    const { uid, gid } = entry.type === 'home' ? entry : { uid: 0, gid: 0 };
    const node = { ...place, path, entry, uid, gid, xattrs: noXattrs, altered: false };
    nodes.set(treeAddress(settings.name, path), node);
  };
  for (const [path, { entry }] of closure.entries) add(path, entry);
  for (const path of ownDirectories) add(path, directory);
  for (const [path, entry] of ownEntries(reader, settings, closure)) add(path, entry);
  return nodes;
}
