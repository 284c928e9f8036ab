import { type Account, accountFiles } from '../kinds/account/account.ts';
import { withoutPassword } from '../kinds/account/secrets.ts';
import type { BootPart } from '../kinds/boot/state.ts';
import type { FirewallTable } from '../kinds/firewall/table.ts';
import { writeMarker } from '../kinds/jail/marker.ts';
import type { JailState } from '../kinds/jail/state.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Logins } from '../kinds/login/state.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { KindName } from '../model/address.ts';
import { octal } from '../model/numbers.ts';
import { sha256 } from '../model/sha256.ts';
import { hideVariables } from './variables.ts';

/*
 * The text of each kind of resource in a fact. What a tenant can change at will (the size of a home,
 * its mode) is not in it, or a tenant could keep a saved plan from ever being applied; only whether
 * there is data to lose is.
 */

/** A text with this digest is the same text. */
function digestOf(text: string | Buffer): string {
  return sha256(text).slice(0, 32);
}

function firewall({ output, chain, strays }: FirewallTable): readonly string[] {
  return [...output, ...chain, ...strays];
}

function limits(resource: HostLimits): readonly string[] {
  if (resource.type === 'logins') return resource.text.trimEnd().split('\n');
  const { record, directories, faults = [], leftovers } = resource;
  return [
    record === undefined
      ? 'no pool'
      : `pool ${record.uids.first}-${record.uids.last}, next UID ${record.nextUid}`,
    ...directories.map((path) => `directory ${path}`),
    ...faults.map(({ reason }) => reason),
    ...leftovers.map((path) => `leftover ${path}`),
  ];
}

function boot(part: BootPart): readonly string[] {
  if (part.type === 'link') return [`link ${part.path} to ${part.target}`];
  const { path, mode, uid, gid, text } = part;
  return [`file ${path}, ${octal(mode)}, owner ${uid}:${gid}`, ...text.trimEnd().split('\n')];
}

function jail(state: JailState): readonly string[] {
  const { settings, faults = [], leftovers } = state;
  const facts = [
    ...(state.claimed ? [] : ['no directory']),
    ...(state.registered ? [] : ['not in the register']),
    ...(state.staging ? ['an unfinished one beside it'] : []),
    ...(state.inheritsAcl === true ? ['its place hands an ACL down'] : []),
    ...(state.markerFault === undefined ? [] : [state.markerFault]),
    ...faults.map(({ reason }) => reason),
    ...leftovers.map((path) => `leftover ${path}`),
  ];
  if (settings === undefined) return [`at ${state.path}`, 'no settings', ...facts];
  return [...writeMarker(hideVariables(settings)).trimEnd().split('\n'), ...facts];
}

function account({ uid, entries, memberships, strayUid }: Account): readonly string[] {
  const lines = accountFiles.flatMap((file) => {
    const entry = entries[file];
    if (entry === undefined) return [];
    return entry === null ? [`${file}: none`] : [`${file}: ${withoutPassword(entry)}`];
  });
  return [
    `UID ${uid}`,
    ...lines,
    ...memberships.map(({ group }) => `member of ${group}`),
    ...(strayUid === undefined ? [] : [`processes under UID ${strayUid}`]),
  ];
}

/** @param isCopied is the content about to be copied? Then it must be that of the very same file */
function entry({ path, entry: held }: TreeNode, isCopied: boolean): readonly string[] {
  switch (held.type) {
    case 'directory':
      return [`directory ${octal(held.mode)}`];
    case 'home':
      return ['home'];
    case 'symlink':
      return [`symlink to ${held.target}`];
    case 'device':
      return [`device ${held.major}:${held.minor}, ${octal(held.mode)}`];
    case 'other':
      return [held.what];
    case 'doomed-home':
      return [held.bytes === 0 ? 'an empty home' : 'a home with data'];
    case 'file': {
      const { source } = held;
      const file = `file ${octal(held.mode)}, ${held.sizeBytes} bytes`;
      if (source.from === 'jailctl') {
        return [`${file}, SHA-256 ${digestOf(Buffer.from(source.base64, 'base64'))}…`];
      }
      const time = new Date(source.mtimeSeconds * 1000).toISOString().replace('.000Z', 'Z');
      return [
        `${file} of ${time}`,
        ...(source.path === path || source.path === '' ? [] : [`from ${source.path}`]),
        ...(isCopied ? [`source changed at ${source.ctimeMs}`] : []),
      ];
    }
  }
}

function tree(node: TreeNode, isCopied: boolean): readonly string[] {
  const { uid, gid, altered } = node;
  const isHome = node.entry.type === 'home';
  return [
    ...entry(node, isCopied),
    ...(uid === 0 && gid === 0 ? [] : [`owner ${uid}:${gid}`]),
    ...(isHome ? [] : node.xattrs.map((name) => `has ${name}`)),
    ...(altered ? ['its content was altered'] : []),
  ];
}

function login(resource: Logins): readonly string[] {
  const text = resource.text.trimEnd().split('\n');
  if (resource.type === 'keys') return [...text, resource.fault ?? ''].filter((one) => one !== '');
  const directory = resource.hasDirectory ? [] : ['no directory of keys'];
  return [...text, ...resource.effective, ...directory, ...resource.faults];
}

/**
 * A resource as a text: line by line what a plan relies on.
 * @param resource of that kind
 * @param isCopied is it what a change leads to?
 */
export function formOf(kind: KindName, resource: unknown, isCopied: boolean): string {
  const lines = () => {
    switch (kind) {
      case 'firewall':
        return firewall(resource as FirewallTable);
      case 'limits':
        return limits(resource as HostLimits);
      case 'boot':
        return boot(resource as BootPart);
      case 'jail':
        return jail(resource as JailState);
      case 'account':
        return account(resource as Account);
      case 'tree':
        return tree(resource as TreeNode, isCopied);
      case 'login':
        return login(resource as Logins);
    }
  };
  return lines().join('\n');
}
