import { type Account, accountAddress, gecosOf } from '../kinds/account/account.ts';
import type { Address } from '../model/address.ts';
import { chrootShell } from '../model/host-paths.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';

/** No login gets further than this; programs in a jail are started without it. */
const noLogin = '/usr/sbin/nologin';

/**
 * The day on which an account of a jail without logins expired: the first that there is. Without
 * it a tenant could write an `authorized_keys` into its home, and sshd would let anybody with the key
 * use what it does without a shell, outside of the jail: sftp inside of sshd, and forwarding. A
 * locked password does not stop that (shadow(5); passwd(1) names this remedy).
 */
const expired = '1';

/**
 * The entries of one user. The password is locked in a form that `usermod --unlock` refuses to
 * turn into an empty one, and all ages are empty, which turns ageing off (shadow(5)): nothing in
 * the entry depends on the day it was written.
 */
function accountOf(jail: JailSettings, user: JailUser): Account {
  const { name, uid } = user;
  const isOpen = jail.login === 'chroot';
  // jk_chrootsh(8): the jail is what stands before `/./`.
  const home = `${jail.path}/${isOpen ? './' : ''}home/${name}`;
  const shell = isOpen ? chrootShell : noLogin;
  return {
    name,
    jail: jail.name,
    uid,
    entries: {
      passwd: `${name}:x:${uid}:${uid}:${gecosOf(jail.name)}:${home}:${shell}`,
      group: `${name}:x:${uid}:`,
      shadow: `${name}:!*::::::${isOpen ? '' : expired}:`,
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
