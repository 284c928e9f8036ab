import { type PasswdEntry, parsePasswd } from '../kinds/account/account.ts';
import type { AccountTexts } from '../kinds/account/texts.ts';
import { below } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';
import type { FoundUser } from './found.ts';

/** An account as the host's passwd has it. */
export interface HostAccount extends PasswdEntry {
  readonly shell: string;
}

export function readAccounts(texts: AccountTexts): readonly HostAccount[] {
  return [...texts.passwd.values()].flat().map((line) => ({
    ...parsePasswd(line),
    shell: line.trim().split(':')[6] ?? '',
  }));
}

/** Jailkit marks with `/./` where a jail ends and the path in it begins: jk_chrootsh(8). */
export function plainPath(home: string): string {
  return home.replaceAll('/./', '/').replace(/(?<=.)\/+$/, '');
}

/** The number of a jail's user; undefined for another name. `web2x1` is none of web's users. */
export function userNumber(jail: string, name: string): number | undefined {
  if (!name.startsWith(jail)) return undefined;
  const number = name.slice(jail.length);
  return /^[1-9]\d{0,8}$/.test(number) ? Number(number) : undefined;
}

function livesIn(account: HostAccount, path: string): boolean {
  return plainPath(account.home).startsWith(`${path}/`);
}

/** Its home as a program in the jail sees it, which is there. */
function hasHomeInside(reader: Reader, { name, home }: HostAccount, path: string): boolean {
  return home === `/home/${name}` && reader.lstat(below(path, home))?.type === 'directory';
}

/** Who lives in a jail: its users by name, and others. */
export interface Residents {
  /** In the order of their numbers. */
  readonly users: readonly FoundUser[];
  readonly others: readonly HostAccount[];
  /** Accounts that have the name of a user of the jail, and live elsewhere. */
  readonly namesakes: readonly HostAccount[];
}

/** Whose home is where decides, not the name alone: `web21` may be web's or web2's. */
export function residentsOf(
  reader: Reader,
  accounts: readonly HostAccount[],
  jail: { readonly name: string; readonly path: string },
): Residents {
  const users: FoundUser[] = [];
  const others: HostAccount[] = [];
  const namesakes: HostAccount[] = [];
  for (const account of accounts) {
    const number = userNumber(jail.name, account.name);
    const inside = livesIn(account, jail.path);
    if (number === undefined) {
      if (inside) others.push(account);
    } else if (inside || hasHomeInside(reader, account, jail.path)) {
      const { name, uid, gid, home, shell } = account;
      users.push({ name, number, uid, gid, home, shell });
    } else {
      namesakes.push(account);
    }
  }
  users.sort((a, b) => a.number - b.number);
  return { users, others, namesakes };
}
