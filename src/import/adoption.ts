import { parseGroup, parseId } from '../kinds/account/account.ts';
import { lowestUid, type OwnedUser } from '../kinds/account/ownership.ts';
import { type AccountTexts, groupsOfUsers, readAccountTexts } from '../kinds/account/texts.ts';
import { jailAddress, observeJail } from '../kinds/jail/observe.ts';
import { mountConflicts, readMountPoints } from '../kinds/mounts.ts';
import { type Process, readProcesses } from '../kinds/processes.ts';
import type { Conflict } from '../model/change.ts';
import { below, privateDirectory } from '../model/host-paths.ts';
import { printable } from '../model/printable.ts';
import type { Reader } from '../model/reader.ts';
import { type HostAccount, type Residents, readAccounts, residentsOf } from './accounts.ts';
import { type FoundUser, someOf } from './found.ts';

/** A jail as a manifest wants it. */
export interface WantedJail {
  readonly name: string;
  readonly path: string;
  readonly users: number;
}

/** Jails that were made without jailctl and become its own. */
export interface Adoption {
  /** Their names. */
  readonly jails: ReadonlySet<string>;
  /** Their users that are there. */
  readonly users: readonly OwnedUser[];
  /** Why it must not be; as long as there is one, nothing is done. */
  readonly conflicts: readonly Conflict[];
}

/** What all jails are judged by, read once. */
interface Host {
  readonly reader: Reader;
  readonly texts: AccountTexts;
  readonly accounts: readonly HostAccount[];
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mountPoints: readonly string[];
  readonly processes: readonly Process[];
}

type Refusal = readonly [message: string, ...waysOut: string[]];

/** A directory that others than root can change holds what nobody can vouch for. */
function directoryRefusals({ reader }: Host, path: string): readonly Refusal[] {
  const stat = reader.lstat(path);
  if (stat?.type !== 'directory') {
    const target = stat?.type === 'symlink' ? ` to ${reader.readLink(path)}` : '';
    return [[`${path} is a ${stat?.type}${target}, not a directory`, 'name the directory itself']];
  }
  const owner: Refusal = [
    `${path} belongs to UID ${stat.uid}, not to root`,
    `look what its owner has put there, then: chown root:root ${path}`,
  ];
  const writers: Refusal = [
    `others than root can write to ${path}`,
    `look what they have put there, then: chmod go-w ${path}`,
  ];
  const mine = reader.lstat(privateDirectory(path));
  const taken: Refusal = [`${privateDirectory(path)} is in the way`, 'move it away'];
  return [
    ...(stat.uid === 0 ? [] : [owner]),
    ...((stat.mode & 0o022) === 0 ? [] : [writers]),
    ...(mine === undefined || (mine.type === 'directory' && mine.uid === 0) ? [] : [taken]),
  ];
}

/** The place of the homes, and homes of others: jailctl would remove what no user has. */
function homesRefusals({ reader }: Host, { name, path, users }: WantedJail): readonly Refusal[] {
  const homes = below(path, '/home');
  const stat = reader.lstat(homes);
  if (stat === undefined) return [];
  if (stat.type !== 'directory' || stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    return [
      [
        `${homes} is not a directory that only root can change`,
        `make it so: a directory of root's with mode 0755, with the homes in it`,
      ],
    ];
  }
  const wanted = new Set(Array.from({ length: users }, (_, index) => `${name}${index + 1}`));
  const strange = (reader.list(homes) ?? []).filter((one) => !wanted.has(one));
  if (strange.length === 0) return [];
  return [
    [
      `${homes} holds ${someOf(strange.map(printable))}: no home of ${name}1 to ${name}${users}, so it would go`,
      'raise `users` in the manifest, if they are users of this jail',
      `or move them out of ${homes}`,
    ],
  ];
}

/** Who else has the rights of a user's own group. */
function sharersOf({ texts, accounts }: Host, { name, uid }: FoundUser): readonly string[] {
  const groups = [...texts.group.values()].flat().map(parseGroup);
  const listed = groups.filter((group) => group.name === name).flatMap(({ members }) => members);
  const primary = accounts.filter((other) => other.gid === uid).map((other) => other.name);
  const twins = groups.filter((group) => parseId(group.third) === uid && group.name !== name);
  return [
    ...new Set([...primary, ...listed].filter((other) => other !== name)),
    ...twins.map((group) => `the group ${group.name}`),
  ];
}

function identityRefusals(host: Host, user: FoundUser): readonly Refusal[] {
  const { name, uid, gid } = user;
  const refusals: Refusal[] = [];
  if (uid < lowestUid) {
    refusals.push([
      `${name} has UID ${uid}, and those below ${lowestUid} are the system's`,
      `give it another: usermod --uid UID ${name}`,
    ]);
  }
  const twins = host.accounts.filter((other) => other.uid === uid && other.name !== name);
  if (twins.length > 0) {
    refusals.push([
      `${name} shares UID ${uid} with ${someOf(twins.map((twin) => twin.name))}`,
      `give one of them another: usermod --uid UID ${name}`,
    ]);
  }
  if (host.accounts.filter((other) => other.name === name).length > 1) {
    refusals.push([`/etc/passwd has more than one entry of ${name}`, 'remove the wrong one: vipw']);
  }
  const group = (host.texts.group.get(name) ?? []).map(parseGroup);
  const isPrivate = gid === uid && group.length === 1 && parseId(group[0]?.third ?? '') === gid;
  if (!isPrivate) {
    refusals.push([
      `${name} has UID ${uid} and the primary group ${gid}: jailctl's users have a group of their own name, with the number of their UID`,
      `make it so: groupmod --gid ${uid} ${name}, and give its files to that group`,
    ]);
  }
  const sharers = sharersOf(host, user);
  if (sharers.length > 0) {
    refusals.push([
      `${name} shares its group ${gid} with ${someOf(sharers)}`,
      'give the others another group: usermod --gid GROUP NAME, gpasswd --delete NAME GROUP',
    ]);
  }
  return refusals;
}

/** A person, or a service, has more than a jail's user has. */
function useRefusals(host: Host, { path }: WantedJail, user: FoundUser): readonly Refusal[] {
  const { name, uid, home } = user;
  const refusals: Refusal[] = [];
  const groups = [...(host.groups.get(name) ?? [])].filter((group) => group !== name);
  if (groups.length > 0) {
    refusals.push([
      `${name} is in the group ${someOf(groups)}: that is no user of a jail only`,
      ...groups.map((group) => `take it out: gpasswd --delete ${name} ${group}`),
    ]);
  }
  const outside = home === `/home/${name}` && host.reader.lstat(home) !== undefined;
  if (outside) {
    refusals.push([
      `${name} has a home outside of its jail too: ${home}`,
      'move it into the jail, or away, if nobody needs it',
    ]);
  }
  const inside = host.reader.lstat(below(path, `/home/${name}`));
  if (inside !== undefined && (inside.type !== 'directory' || inside.uid !== uid)) {
    refusals.push([
      `${below(path, `/home/${name}`)} is not a directory of ${name}'s`,
      `move it away, or: chown ${name}: ${below(path, `/home/${name}`)}`,
    ]);
  }
  const running = host.processes.filter(({ uids }) => uids.includes(uid));
  if (running.length > 0) {
    const shown = running.map((one) => `${one.pid} (${printable(one.name)})`);
    refusals.push([`${name} runs ${someOf(shown)}`, `end it: pkill --uid ${uid}`]);
  }
  return refusals;
}

function peopleRefusals(wanted: WantedJail, residents: Residents): readonly Refusal[] {
  const { others, users } = residents;
  const strangers = others.map(
    ({ name, home }): Refusal => [
      `${name} lives in the jail too (home ${home}), and is none of ${wanted.name}1 to ${wanted.name}${wanted.users}`,
      `give it another home: usermod --home DIRECTORY --move-home ${name}`,
      `or a name of this jail: usermod --login ${wanted.name}N ${name}`,
    ],
  );
  const beyond = users.filter(({ number }) => number > wanted.users).map(({ name }) => name);
  if (beyond.length === 0) return strangers;
  return [
    ...strangers,
    [
      `the manifest has ${wanted.users} users, and ${someOf(beyond)} is there`,
      `write users: ${users.at(-1)?.number}`,
    ],
  ];
}

function refusalsOf(host: Host, wanted: WantedJail, residents: Residents): readonly Conflict[] {
  const { name, path } = wanted;
  const common = { address: jailAddress(name), jail: name };
  const refusals = [
    ...directoryRefusals(host, path),
    ...homesRefusals(host, wanted),
    ...peopleRefusals(wanted, residents),
    ...residents.users.flatMap((user) => [
      ...identityRefusals(host, user),
      ...useRefusals(host, wanted, user),
    ]),
  ];
  return [
    ...mountConflicts(host.mountPoints, path, common),
    ...refusals.map(([message, ...waysOut]) => ({ ...common, message, waysOut })),
  ];
}

/** Stands there what jailctl did not make, or did not finish to take over? */
function isForeign(reader: Reader, { name, path }: WantedJail): boolean {
  const found = observeJail(reader, name, path, false);
  return found.settings === undefined && reader.lstat(path) !== undefined;
}

/**
 * Which of these jails stand there without being jailctl's, with their users, and all that
 * forbids to take them over.
 */
export function adoptionOf(reader: Reader, wanted: readonly WantedJail[]): Adoption {
  const jails = wanted.filter((jail) => isForeign(reader, jail));
  if (jails.length === 0) return { jails: new Set(), users: [], conflicts: [] };
  const texts = readAccountTexts(reader);
  const host: Host = {
    reader,
    texts,
    accounts: readAccounts(texts),
    groups: groupsOfUsers(texts),
    mountPoints: readMountPoints(reader),
    processes: readProcesses(reader),
  };
  const users: OwnedUser[] = [];
  const conflicts: Conflict[] = [];
  for (const jail of jails) {
    const residents = residentsOf(reader, host.accounts, jail);
    conflicts.push(...refusalsOf(host, jail, residents));
    users.push(...residents.users.map(({ name, uid }) => ({ name, uid, jail: jail.name })));
  }
  return { jails: new Set(jails.map(({ name }) => name)), users, conflicts };
}
