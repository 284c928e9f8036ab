import { type Problem, quote } from '../model/problem.ts';

/** useradd(8): user names may only be up to 32 characters long. */
const userNameCharactersMax = 32;

/**
 * Accounts and groups that Debian, Fedora and systemd have or make. A jail with such a name would
 * be taken for them by a person who reads `ps` or a log.
 */
const systemNames: ReadonlySet<string> = new Set(
  [
    'root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats',
    'nobody nogroup adm tty disk dialout fax voice cdrom floppy tape sudo wheel audio dip operator',
    'src shadow utmp video sasl plugdev staff users input kvm render crontab sgx halt shutdown ftp',
    'messagebus dbus polkitd sshd ssh ntp chrony postfix avahi tss rpc rpcuser docker libvirt',
    'systemd systemd-network systemd-resolve systemd-timesync systemd-journal systemd-coredump',
  ].flatMap((line) => line.split(' ')),
);

/** Why a jail may not have this name, or undefined. `users` is how many users it has. */
export function jailNameProblem(name: string, users: number): Problem | undefined {
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
    const suggestion = suggestedName(name);
    return {
      code: 'jail-name',
      message: `${quote(name)} can't be the name of a jail`,
      hint: `a name is small letters, digits, _ and -, with a letter first${suggestion === undefined ? '' : `: ${suggestion}`}`,
    };
  }
  const digits = String(Math.max(1, users)).length;
  if (name.length + digits > userNameCharactersMax) {
    return {
      code: 'jail-name-too-long',
      message: `the users of jail ${quote(name)} would have names of ${name.length + digits} characters, and Linux takes ${userNameCharactersMax}`,
      hint: `take a name of at most ${userNameCharactersMax - digits} characters`,
    };
  }
  if (systemNames.has(name)) {
    return {
      code: 'jail-name-system',
      message: `${quote(name)} is the name of a system account, and can't be the name of a jail`,
      hint: `take another name, such as ${name}-jail`,
    };
  }
  return undefined;
}

export interface NamedJail {
  readonly name: string;
  readonly users: number;
}

export interface NameCollision<T> {
  readonly jail: T;
  /** The jail that has a user of that name. */
  readonly other: T;
  /** A user that both would have, where there is one. */
  readonly sharedUser: string | undefined;
}

/**
 * Jails that have the name of another jail's user. A user is the jail's name and a number, so `a`
 * with 11 users has `a1` and `a11`, and a jail `a1` with one user would have `a11` too. Two jails
 * can't share a user without this: a shared `a11` means that `a` has at least `a1` to `a11`.
 */
export function nameCollisions<T extends NamedJail>(
  jails: readonly T[],
): readonly NameCollision<T>[] {
  const byName = new Map(jails.map((jail) => [jail.name, jail]));
  return jails.flatMap((jail) =>
    trailingNumbers(jail.name).flatMap(({ stem, digits }) => {
      const other = byName.get(stem);
      if (other === undefined || Number(digits) > other.users) return [];
      const isShared = jail.users > 0 && Number(`${digits}1`) <= other.users;
      return [{ jail, other, sharedUser: isShared ? `${jail.name}1` : undefined }];
    }),
  );
}

/** `web12` → `web` and `12`, `web1` and `2`: a number of a user has no leading zero. */
function trailingNumbers(name: string): readonly { stem: string; digits: string }[] {
  const digitCount = /[0-9]*$/.exec(name)?.[0].length ?? 0;
  return Array.from({ length: digitCount }, (_, index) => name.length - digitCount + index)
    .map((at) => ({ stem: name.slice(0, at), digits: name.slice(at) }))
    .filter(({ digits }) => !digits.startsWith('0'));
}

/** The name in characters that are allowed, where that leaves something to recognise it by. */
function suggestedName(name: string): string | undefined {
  const suggestion = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return /^[a-z][a-z0-9_-]{1,30}$/.test(suggestion) ? suggestion : undefined;
}
