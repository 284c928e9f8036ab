import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { printable } from '../../model/printable.ts';
import { diffResources } from '../diff.ts';
import { type Account, type AccountFile, accountFiles } from './account.ts';
import { withoutPassword } from './secrets.ts';

/** What a field of an entry is called, and when two values of it mean the same. */
interface Field {
  readonly label: string;
  /** Says what is wrong without showing the value. */
  readonly secret?: string;
  readonly same?: (found: string) => boolean;
}

/** No password fits these, and `usermod --unlock` can't bring one back. */
const isLocked = (found: string) => /^[!*]+$/.test(found);

const fields: Readonly<Record<AccountFile, readonly Field[]>> = {
  passwd: [
    { label: 'name' },
    { label: 'password', secret: 'the password is not kept in /etc/shadow' },
    { label: 'UID' },
    { label: 'primary group' },
    { label: 'GECOS' },
    { label: 'home' },
    { label: 'shell' },
  ],
  group: [
    { label: 'name' },
    { label: 'password', secret: 'the private group has a password' },
    { label: 'GID of the private group' },
    { label: 'members of the private group' },
  ],
  shadow: [
    { label: 'name' },
    { label: 'password', secret: 'the password is not locked', same: isLocked },
    // The day of the last change means nothing for a password that is locked.
    { label: 'last password change', same: (found) => /^\d*$/.test(found) },
    { label: 'minimum password age' },
    { label: 'maximum password age' },
    { label: 'password warning period' },
    { label: 'password inactivity period' },
    { label: 'account expiry' },
    { label: 'reserved field' },
  ],
  gshadow: [
    { label: 'name' },
    { label: 'password', secret: 'the private group has a password', same: isLocked },
    { label: 'administrators of the private group' },
    { label: 'members of the private group' },
  ],
};

function fieldReason(field: Field, found: string, wanted: string): readonly string[] {
  if (found === wanted || field.same?.(found) === true) return [];
  if (field.secret !== undefined) return [field.secret];
  // A damaged entry may have a hash in any field.
  const show = (value: string) => (value === '' ? 'none' : printable(withoutPassword(value)));
  return [`${field.label} ${show(found)}, wanted ${show(wanted)}`];
}

/** Why the entries that a file has of a user are not the one wanted; empty when they mean it. */
export function entryReasons(
  file: AccountFile,
  found: string | null,
  wanted: string,
): readonly string[] {
  if (found === wanted) return [];
  if (found === null) return [`no entry in /etc/${file}`];
  const lines = found.split('\n');
  if (lines.length > 1) return [`${lines.length} entries in /etc/${file}`];
  const foundFields = found.split(':');
  const wantedFields = wanted.split(':');
  if (foundFields.length !== wantedFields.length) return [`a damaged entry in /etc/${file}`];
  return fields[file].flatMap((field, index) =>
    fieldReason(field, foundFields[index] ?? '', wantedFields[index] ?? ''),
  );
}

function reasonsOf(wanted: Account, found: Account): readonly string[] {
  const entries = accountFiles.flatMap((file) => {
    const wantedEntry = wanted.entries[file];
    const foundEntry = found.entries[file];
    if (typeof wantedEntry !== 'string' || foundEntry === undefined) return [];
    return entryReasons(file, foundEntry, wantedEntry);
  });
  const groups = found.memberships.map(({ group }) => `member of the group ${printable(group)}`);
  return [...new Set([...entries, ...groups])];
}

/** What the account files need; the accounts of both sides are matched by name. */
export function diffAccounts(
  desired: ReadonlyMap<Address, Account>,
  observed: ReadonlyMap<Address, Account>,
): readonly Change<Account>[] {
  return diffResources(desired, observed, {
    jailOf: (account) => account.jail,
    reasonsOf,
    whyCreate: 'the host has no such account',
    whyDelete: () => 'it is not wanted any more',
  });
}
