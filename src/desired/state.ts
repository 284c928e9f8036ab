import type { Account } from '../kinds/account/account.ts';
import type { BootPart } from '../kinds/boot/state.ts';
import type { FirewallTable } from '../kinds/firewall/table.ts';
import { jailAddress } from '../kinds/jail/observe.ts';
import type { JailState } from '../kinds/jail/state.ts';
import { nextUidOfJournal, type PoolRecord } from '../kinds/limits/pool-file.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Logins } from '../kinds/login/state.ts';
import { readProcesses } from '../kinds/processes.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { Address } from '../model/address.ts';
import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import type { Manifest, ManifestJail } from '../model/manifest.ts';
import type { Reader } from '../model/reader.ts';
import { inScope, type Scope } from '../model/scope.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';
import { desiredAccounts } from './accounts.ts';
import { desiredBoot, noInit } from './boot.ts';
import { closeOver } from './closure/close-over.ts';
import type { Closure } from './closure/closure.ts';
import { desiredFirewall } from './firewall.ts';
import type { HostFacts } from './host-facts.ts';
import { desiredHostLimits } from './host-limits.ts';
import { desiredLogins, loginDiagnostics, loginTools, loginWarnings } from './logins.ts';
import { desiredTree } from './tree.ts';
import { chooseUids } from './uids.ts';

/** What the host should have, fully specific: nothing is left to choose. */
export interface DesiredState {
  /** The settings of every jail that shall be there, those out of scope as they were applied. */
  readonly settings: readonly JailSettings[];
  /** By jail, for those in scope. */
  readonly closures: ReadonlyMap<string, Closure>;
  readonly firewall: ReadonlyMap<Address, FirewallTable>;
  readonly limits: ReadonlyMap<Address, HostLimits>;
  readonly boot: ReadonlyMap<Address, BootPart>;
  readonly jail: ReadonlyMap<Address, JailState>;
  readonly account: ReadonlyMap<Address, Account>;
  /** By jail, for those in scope: makes the nodes, which are too many to keep those of all jails. */
  readonly tree: ReadonlyMap<string, () => ReadonlyMap<Address, TreeNode>>;
  readonly login: ReadonlyMap<Address, Logins>;
  /** What a person should know before it is made, for a plan. */
  readonly warnings: readonly string[];
}

function settingsOf(jail: ManifestJail, users: readonly JailUser[]): JailSettings {
  const { name, path, network, limits, engine, home, optional, login, env, protect } = jail;
  const choices = {
    ...(engine !== undefined && { engine }),
    ...(jail.archive !== undefined && { archive: jail.archive }),
    ...(jail.authorizedKeys !== undefined && { authorizedKeys: jail.authorizedKeys }),
  };
  return { name, path, users, network, limits, ...choices, home, optional, login, env, protect };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** Jails with the same tools share one closure: it is looked up once. */
export function closuresOf(
  reader: Reader,
  jails: readonly ManifestJail[],
): ReadonlyMap<string, Closure> {
  const byTools = new Map<string, Closure>();
  const jailPaths = jails.map((jail) => jail.path);
  const pairs = jails.map((jail) => {
    const network = jail.network.mode !== 'none';
    const requests = [...jail.tools, ...loginTools(reader, jail)];
    const tools = requests
      .map((tool) => `${tool.leaveOut ? '!' : tool.optional ? '?' : ''}${tool.entry}`)
      .sort();
    const key = JSON.stringify([network, tools, Object.entries(jail.env).sort()]);
    const closure =
      byTools.get(key) ?? closeOver(reader, requests, { network, env: jail.env, jailPaths });
    byTools.set(key, closure);
    return [jail.name, closure] as const;
  });
  return new Map(pairs);
}

function assemble(
  settings: readonly JailSettings[],
  closures: ReadonlyMap<string, Closure>,
  tree: DesiredState['tree'],
  pool: PoolRecord,
  facts: HostFacts,
): DesiredState {
  const sorted = settings.toSorted(byName);
  const jails = sorted.map((one): JailState => {
    const { name, path } = one;
    const complete = { registered: true, claimed: true, leftovers: [], staging: false };
    return { name, path, ...complete, settings: one };
  });
  const firewall = desiredFirewall(sorted, pool.uids);
  return {
    settings: sorted,
    closures,
    firewall,
    limits: desiredHostLimits(sorted, pool, facts.hasLoginLimits),
    boot: desiredBoot(firewall, facts),
    jail: new Map(jails.map((jail) => [jailAddress(jail.name), jail])),
    account: desiredAccounts(sorted),
    tree,
    login: desiredLogins(sorted),
    warnings: [
      ...(sorted.length > 0 && facts.init === undefined ? [noInit] : []),
      ...loginWarnings(sorted),
    ],
  };
}

/** The settings of jails that a narrowed command leaves alone, as they were applied. */
function outOfScope(facts: HostFacts, scope: Scope): readonly JailSettings[] {
  return facts.recorded.filter((jail) => !inScope(scope, jail.name));
}

/** How many users a warning names. */
const namedMax = 5;

/** A UID inherits what its last user left somewhere on the host: NixOS/nixos#255. */
function recycledWarning({ uids }: PoolRecord, recycled: readonly JailUser[]): readonly string[] {
  if (recycled.length === 0) return [];
  const named = recycled.slice(0, namedMax).map(({ name, uid }) => `${name} (${uid})`);
  const more = recycled.length > namedMax ? ` and ${recycled.length - namedMax} more` : '';
  return [
    `the pool ${uids.first}-${uids.last} is used up: ${named.join(', ')}${more} may get what a user before them left on this host (jailctl doctor shows it); a larger pool has UIDs that nobody had`,
  ];
}

/**
 * What a manifest means on this host.
 * @returns Diagnostics for what only a look at the host shows: tools that are not there, a pool
 *   that holds accounts of others, or that is used up
 */
export function desiredState(
  reader: Reader,
  manifest: Manifest,
  facts: HostFacts,
  scope: Scope,
): Checked<DesiredState> {
  const jails = manifest.jails.filter((jail) => inScope(scope, jail.name));
  const closures = closuresOf(reader, jails);
  const chosen = chooseUids({
    jails,
    pool: manifest.uids,
    poolAt: manifest.uidsAt,
    recorded: facts.recorded,
    accounts: facts.accounts,
    foreign: facts.foreign,
    nextUid: facts.pool?.nextUid ?? nextUidOfJournal(reader, manifest.uids),
    running: () => new Set(readProcesses(reader).flatMap(({ uids }) => uids)),
  });
  const found = new Set([...closures.values()].flatMap((closure) => closure.diagnostics));
  const diagnostics: Diagnostic[] = [...(chosen.ok ? [] : chosen.diagnostics), ...found];
  diagnostics.push(...loginDiagnostics(reader, jails, facts.hasLoginLimits));
  if (!chosen.ok || diagnostics.length > 0) return { ok: false, diagnostics };
  const { users, nextUid } = chosen.value;
  const wanted = jails.map((jail) => settingsOf(jail, users.get(jail.name) ?? []));
  const tree = wanted.map((settings) => {
    const closure = closures.get(settings.name);
    if (closure === undefined) throw new Error(`jail ${settings.name} has no closure`);
    return [settings.name, () => desiredTree(reader, settings, closure)] as const;
  });
  const settings = [...wanted, ...outOfScope(facts, scope)];
  const pool = { uids: manifest.uids, nextUid };
  const value = assemble(settings, closures, new Map(tree), pool, facts);
  const warnings = [...recycledWarning(pool, chosen.value.recycled), ...value.warnings];
  return { ok: true, value: { ...value, warnings } };
}

/** What the host should have when the jails in scope are gone. It needs no manifest. */
export function desiredRemains(facts: HostFacts, scope: Scope): DesiredState {
  const settings = outOfScope(facts, scope);
  const uids = settings.flatMap((jail) => jail.users.map((user) => user.uid));
  // Without a record the fence shrinks to the users that are left: no account is ever outside it.
  const fallback = { first: Math.min(...uids), last: Math.max(...uids) };
  const pool = facts.pool ?? { uids: fallback, nextUid: fallback.last + 1 };
  return assemble(settings, new Map(), new Map(), pool, facts);
}
