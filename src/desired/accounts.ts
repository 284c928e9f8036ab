import { type Account, accountAddress, gecosOf } from '../kinds/account/account.ts';
import type { Address } from '../model/address.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';

/** No login gets further than this; programs in a jail are started without it. */
const shell = '/usr/sbin/nologin';

/**
 * The entries of one user. The password is locked in a form that `usermod --unlock` refuses to
 * turn into an empty one, and all ages are empty, which turns ageing off (shadow(5)): nothing in
 * the entry depends on the day it was written.
 */
function accountOf(jail: JailSettings, user: JailUser): Account {
  const { name, uid } = user;
  const home = `${jail.path}/home/${name}`;
  return {
    name,
    jail: jail.name,
    uid,
    entries: {
      passwd: `${name}:x:${uid}:${uid}:${gecosOf(jail.name)}:${home}:${shell}`,
      group: `${name}:x:${uid}:`,
      shadow: `${name}:!*:::::::`,
      gshadow: `${name}:!::`,
    },
    memberships: [],
  };
}

/** The accounts that these jails need, by address. */
export function desiredAccounts(settings: readonly JailSettings[]): ReadonlyMap<Address, Account> {
  return new Map(
    settings.flatMap((jail) =>
      jail.users.map((user) => [accountAddress(user.name), accountOf(jail, user)] as const),
    ),
  );
}
