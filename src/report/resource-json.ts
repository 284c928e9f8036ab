import type { Account } from '../kinds/account/account.ts';
import { withoutPassword } from '../kinds/account/secrets.ts';
import type { BootPart } from '../kinds/boot/state.ts';
import type { OldBootFile } from '../kinds/firewall/old-boot.ts';
import type { FirewallTable } from '../kinds/firewall/table.ts';
import type { JailState } from '../kinds/jail/state.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Logins } from '../kinds/login/state.ts';
import type { FileSource } from '../kinds/tree/entry.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { KindName } from '../model/address.ts';
import type { Limits, Network } from '../model/settings.ts';

/**
 * Each kind of resource as documents show it. Field by field, not whole: what a kind keeps for its
 * own use stays inside, and a document changes only where somebody means it to.
 */

function firewall(resource: FirewallTable | OldBootFile): unknown {
  if ('lines' in resource) return { path: resource.path, lines: resource.lines };
  const { family, output, chain, strays } = resource;
  return { family, output, chain, strays };
}

function limits(resource: HostLimits): unknown {
  if (resource.type === 'logins') return { type: 'logins', text: resource.text };
  const { record } = resource;
  if (record === undefined) return { type: 'pool' };
  const { first, last } = record.uids;
  return { type: 'pool', uids: { first, last }, next_uid: record.nextUid };
}

function boot(part: BootPart): unknown {
  if (part.type === 'link') return { type: 'link', path: part.path, target: part.target };
  const { path, text, mode, uid, gid } = part;
  return { type: 'file', path, text, mode, uid, gid };
}

function logins({ type, text }: Logins): unknown {
  return { type, text };
}

function network(settings: Network): unknown {
  switch (settings.mode) {
    case 'host':
      return { mode: 'host' };
    case 'none':
      return { mode: 'none', refusal: settings.refusal };
    case 'allow': {
      const targets = settings.targets.map(({ family, to, protocol, ports }) => {
        const target = { family, to, protocol };
        return ports === undefined
          ? target
          : { ...target, ports: { first: ports.first, last: ports.last } };
      });
      return { mode: 'allow', refusal: settings.refusal, targets };
    }
  }
}

function runLimits(of: Limits): unknown {
  return {
    processes: of.processes,
    memory_bytes: of.memoryBytes,
    cpu_time_seconds: of.cpuTimeSeconds,
    wall_time_seconds: of.wallTimeSeconds,
    file_size_bytes: of.fileSizeBytes,
    open_files: of.openFiles,
    output_bytes: of.outputBytes,
    ...(of.cpus !== undefined && { cpus: of.cpus }),
    tmp_size_bytes: of.tmpSizeBytes,
    ...(of.diskBytes !== undefined && { disk_bytes: of.diskBytes }),
  };
}

function jail({ name, path, settings, bytes }: JailState): unknown {
  const size = bytes === undefined ? {} : { bytes };
  if (settings === undefined) return { name, path, ...size };
  const { users, engine, home, optional, login, env, protect, archive } = settings;
  const { authorizedKeys } = settings;
  return {
    name,
    path,
    users: users.map((user) => ({ name: user.name, uid: user.uid })),
    network: network(settings.network),
    limits: runLimits(settings.limits),
    ...(engine !== undefined && { engine }),
    home,
    optional,
    login,
    ...(authorizedKeys !== undefined && { authorized_keys: authorizedKeys }),
    env,
    protect,
    ...(archive !== undefined && { archive }),
    ...size,
  };
}

function account({ name, jail: owner, uid, entries, memberships }: Account): unknown {
  const shown = Object.entries(entries).map(([file, entry]) => [
    file,
    entry === null ? null : withoutPassword(entry),
  ]);
  return {
    name,
    jail: owner,
    uid,
    entries: Object.fromEntries(shown),
    // Not the entries of these groups: they hold passwords too, and the names of others.
    memberships: memberships.map(({ group }) => group),
  };
}

function source(of: FileSource): unknown {
  return of.from === 'host'
    ? { from: 'host', path: of.path, mtime_seconds: of.mtimeSeconds }
    : { from: 'jailctl', base64: of.base64 };
}

function entry(of: TreeNode['entry']): unknown {
  switch (of.type) {
    case 'directory':
      return { type: 'directory', mode: of.mode };
    case 'home':
      return { type: 'home', mode: of.mode };
    case 'file':
      return { type: 'file', mode: of.mode, size_bytes: of.sizeBytes, source: source(of.source) };
    case 'symlink':
      return { type: 'symlink', target: of.target };
    case 'device':
      return { type: 'device', mode: of.mode, major: of.major, minor: of.minor };
    case 'doomed-home':
      return { type: 'doomed-home', bytes: of.bytes };
    case 'other':
      return {
        type: 'other',
        what: of.what,
        ...(of.bytes === undefined ? {} : { bytes: of.bytes }),
      };
  }
}

function tree({
  jail: owner,
  root,
  path,
  entry: held,
  uid,
  gid,
  xattrs,
  altered,
}: TreeNode): unknown {
  return { jail: owner, root, path, entry: entry(held), uid, gid, xattrs, altered };
}

/**
 * One resource as `schemas/plan.schema.json` describes it. It holds no secret.
 * @param resource of that kind: an address tells the kind
 */
export function resourceDocument(kind: KindName, resource: unknown): unknown {
  switch (kind) {
    case 'firewall':
      return firewall(resource as FirewallTable | OldBootFile);
    case 'limits':
      return limits(resource as HostLimits);
    case 'boot':
      return boot(resource as BootPart);
    case 'jail':
      return jail(resource as JailState);
    case 'account':
      return account(resource as Account);
    case 'tree':
      return tree(resource as TreeNode);
    case 'login':
      return logins(resource as Logins);
  }
}
