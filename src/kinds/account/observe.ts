import type { Address } from '../../model/address.ts';
import type { Conflict } from '../../model/change.ts';
import type { Reader } from '../../model/reader.ts';
import type { JailSettings } from '../../model/settings.ts';
import type { Observed } from '../kind.ts';
import { takeOver } from '../take-over.ts';
import { type Account, accountAddress, type Membership, parsePasswd } from './account.ts';
import { type ForeignId, foreignIds, lowestUid, type OwnedUser, ownedUsers } from './ownership.ts';
import { type AccountTexts, entryText, groupsOfUsers, readAccountTexts } from './texts.ts';

function entriesOf(texts: AccountTexts, name: string): Account['entries'] {
  return {
    passwd: entryText(texts.passwd, name),
    group: entryText(texts.group, name),
    ...(texts.shadow === undefined ? {} : { shadow: entryText(texts.shadow, name) }),
    ...(texts.gshadow === undefined ? {} : { gshadow: entryText(texts.gshadow, name) }),
  };
}

function membershipsOf(
  texts: AccountTexts,
  groups: ReadonlySet<string>,
  owned: ReadonlyMap<string, OwnedUser>,
): readonly Membership[] {
  // A private group of jailctl's is mended as a part of its own account.
  return [...groups]
    .filter((group) => !owned.has(group))
    .sort()
    .map((group) => ({
      group,
      groupText: entryText(texts.group, group),
      gshadowText: texts.gshadow === undefined ? null : entryText(texts.gshadow, group),
    }));
}

/** The UID under which the user's processes may run now, when it can only be this user's. */
function strayUidOf(texts: AccountTexts, user: OwnedUser, foreign: readonly ForeignId[]) {
  const uids = (texts.passwd.get(user.name) ?? []).map((line) => parsePasswd(line).uid);
  return uids.find(
    (uid) =>
      uid >= lowestUid &&
      uid !== user.uid &&
      !foreign.some((holder) => holder.type === 'account' && holder.id === uid),
  );
}

/** What its passwd entry tells of who an account is: its UID, full name and home. */
function describe(texts: AccountTexts, name: string): string {
  const [line] = texts.passwd.get(name) ?? [];
  if (line === undefined) return '';
  const { uid, gecos, home } = parsePasswd(line);
  return ` (UID ${uid}${gecos === '' ? '' : `, ${gecos}`}, home ${home})`;
}

/** Does it live where the wanted user would? Then it may be the same, made without jailctl. */
function livesInJail(found: string | null, wanted: string | null): boolean {
  if (found === null || wanted === null || found.includes('\n')) return false;
  // Jailkit marks with `/./` where a jail ends: jk_chrootsh(8).
  return parsePasswd(found).home.replace('/./', '/') === parsePasswd(wanted).home;
}

/** What is in the way of a name that jailctl does not have on this host yet. */
function nameConflicts(
  wanted: Account,
  texts: AccountTexts,
  groups: ReadonlySet<string>,
): readonly Conflict[] {
  const common = { address: accountAddress(wanted.name), jail: wanted.jail };
  const entries = entriesOf(texts, wanted.name);
  const files = Object.entries(entries).flatMap(([file, text]) => (text === null ? [] : [file]));
  const conflicts: Conflict[] = [];
  if (files.length > 0) {
    const where = files.map((file) => `/etc/${file}`).join(' and ');
    conflicts.push({
      ...common,
      message: `${wanted.name} is in ${where}, and jailctl did not make it${describe(texts, wanted.name)}`,
      waysOut: [
        'give the jail another name in the manifest',
        `or remove it, if nobody needs it: userdel ${wanted.name}, or groupdel ${wanted.name}`,
        ...(livesInJail(entries.passwd, wanted.entries.passwd) ? [takeOver] : []),
      ],
    });
  }
  for (const group of groups) {
    conflicts.push({
      ...common,
      message: `the group ${group} lists ${wanted.name} already: the new user would have its rights`,
      waysOut: [
        `take it out: gpasswd --delete ${wanted.name} ${group}`,
        'or give the jail another name in the manifest',
      ],
    });
  }
  return conflicts;
}

function idConflicts(user: OwnedUser, foreign: readonly ForeignId[]): readonly Conflict[] {
  return foreign
    .filter((holder) => holder.id === user.uid && holder.name !== user.name)
    .map((holder) => {
      const id = `${holder.type === 'account' ? 'UID' : 'GID'} ${user.uid}`;
      const who = holder.description === '' ? '' : ` (${holder.description})`;
      return {
        address: accountAddress(user.name),
        jail: user.jail,
        message: `${user.name} has ${id}, and so has the ${holder.type} ${holder.name}${who}`,
        waysOut: [
          `give the ${holder.type} ${holder.name} another ${id.slice(0, 3)}`,
          'or choose another pool in the manifest: uids: FIRST-LAST',
        ],
      };
    });
}

/**
 * Reads the account files, each once, and finds the users that are jailctl's.
 * @param owned the settings read from the markers on this host
 */
export function observeAccounts(
  reader: Reader,
  desired: ReadonlyMap<Address, Account>,
  owned: readonly JailSettings[],
): Observed<Account> {
  const texts = readAccountTexts(reader);
  const users = new Map(ownedUsers(texts, owned));
  const groups = groupsOfUsers(texts);
  const recorded = new Set(owned.flatMap((jail) => jail.users.map((user) => user.name)));
  const conflicts: Conflict[] = [];
  for (const wanted of desired.values()) {
    if (users.has(wanted.name)) continue;
    const listed = groups.get(wanted.name) ?? new Set();
    const bare = Object.values(entriesOf(texts, wanted.name)).every((text) => text === null);
    // userdel was here and a group lists the user still, or again: ours to mend.
    if (recorded.has(wanted.name) && bare && listed.size > 0) users.set(wanted.name, wanted);
    else conflicts.push(...nameConflicts(wanted, texts, listed));
  }
  const foreign = foreignIds(texts, users);
  const resources = new Map<Address, Account>();
  for (const user of users.values()) {
    const strayUid = strayUidOf(texts, user, foreign);
    resources.set(accountAddress(user.name), {
      name: user.name,
      jail: user.jail,
      uid: user.uid,
      entries: entriesOf(texts, user.name),
      memberships: membershipsOf(texts, groups.get(user.name) ?? new Set(), users),
      ...(strayUid === undefined ? {} : { strayUid }),
    });
  }
  const holders = new Map<string, OwnedUser>(
    [...desired.values()].map((user) => [user.name, user]),
  );
  for (const user of [...users.values()]) if (!holders.has(user.name)) holders.set(user.name, user);
  for (const user of holders.values()) conflicts.push(...idConflicts(user, foreign));
  return { resources, conflicts, warnings: [] };
}
