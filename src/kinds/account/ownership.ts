import type { JailSettings, JailUser } from '../../model/settings.ts';
import { gecosOf, type PasswdEntry, parseGroup, parseId, parsePasswd } from './account.ts';
import type { AccountTexts } from './texts.ts';

/** A user of a jail, and whose. */
export interface OwnedUser extends JailUser {
  readonly jail: string;
}

/** Debian and Red Hat keep the UIDs below for the system: none of them was ever a jail user's. */
export const lowestUid = 1000;

const mark = /^jailctl jail (.+)$/;

/**
 * The jail whose mark a passwd entry bears. The name, the IDs and the home must fit too: on some
 * hosts users may write their own GECOS with chfn(1) (CHFN_RESTRICT in login.defs(5)), and nobody
 * may talk jailctl into deleting an account.
 */
function markedJail(entry: PasswdEntry): string | undefined {
  const jail = mark.exec(entry.gecos)?.[1];
  if (jail === undefined || entry.uid !== entry.gid || entry.uid < lowestUid) return undefined;
  const number = entry.name.startsWith(jail) ? entry.name.slice(jail.length) : '';
  const home = `/home/${entry.name}`;
  const fits =
    /^[1-9]\d*$/.test(number) && entry.home.endsWith(home) && entry.home.length > home.length;
  return fits ? jail : undefined;
}

/**
 * Does the host have this recorded user? By its UID or its mark in passwd; without a passwd entry
 * (a run was cut, or userdel was) by the GID of the private group, or by what shadow has left.
 */
function isPresent(texts: AccountTexts, user: OwnedUser): boolean {
  const passwd = texts.passwd.get(user.name) ?? [];
  if (passwd.length > 0) {
    return passwd
      .map(parsePasswd)
      .some((entry) => entry.uid === user.uid || entry.gecos === gecosOf(user.jail));
  }
  const group = texts.group.get(user.name) ?? [];
  if (group.length > 0) return group.some((line) => parseId(parseGroup(line).third) === user.uid);
  return texts.shadow?.has(user.name) === true || texts.gshadow?.has(user.name) === true;
}

function recordedUsers(owned: readonly JailSettings[]): readonly OwnedUser[] {
  return owned.flatMap((jail) => jail.users.map((user) => ({ ...user, jail: jail.name })));
}

/**
 * The accounts on the host that are jailctl's, by name: those that a jail's marker records, and
 * those that bear the mark though no marker knows them (a jail's directory was deleted by hand).
 * @param owned the settings read from the markers on this host
 */
export function ownedUsers(
  texts: AccountTexts,
  owned: readonly JailSettings[],
): ReadonlyMap<string, OwnedUser> {
  const recorded = new Map(recordedUsers(owned).map((user) => [user.name, user]));
  const found = new Map([...recorded].filter(([, user]) => isPresent(texts, user)));
  const entries = [...texts.passwd.values()].flat().map(parsePasswd);
  const holders = Map.groupBy(entries, (entry) => entry.uid);
  for (const entry of entries) {
    const jail = markedJail(entry);
    if (jail === undefined || recorded.has(entry.name)) continue;
    if (holders.get(entry.uid)?.length === 1) {
      found.set(entry.name, { name: entry.name, uid: entry.uid, jail });
    }
  }
  return found;
}

/** An account or a group that is not jailctl's, and the ID it holds. */
export interface ForeignId {
  readonly type: 'account' | 'group';
  readonly name: string;
  readonly id: number;
  /** How a person knows it: `home /home/bob, "Bob B"`; empty for a group. */
  readonly description: string;
}

/** Every UID and GID in the account files that is not jailctl's. */
export function foreignIds(
  texts: AccountTexts,
  owned: ReadonlyMap<string, OwnedUser>,
): readonly ForeignId[] {
  const accounts = [...texts.passwd].flatMap(([name, lines]) =>
    owned.has(name)
      ? []
      : lines.map((line): ForeignId => {
          const entry = parsePasswd(line);
          const description = `home ${entry.home}${entry.gecos === '' ? '' : `, "${entry.gecos}"`}`;
          return { type: 'account', name, id: entry.uid, description };
        }),
  );
  const groups = [...texts.group].flatMap(([name, lines]) =>
    owned.has(name)
      ? []
      : lines.map((line): ForeignId => {
          return { type: 'group', name, id: parseId(parseGroup(line).third), description: '' };
        }),
  );
  return [...accounts, ...groups].filter((holder) => !Number.isNaN(holder.id));
}
