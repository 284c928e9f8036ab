import { privateDirectory } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';
import { type HostAccount, plainPath, userNumber } from './accounts.ts';

/** Where people put jails; the old scripts put them in `/`. */
const usualPlaces = ['/', '/srv', '/opt', '/home', '/var/jail', '/var/jails', '/jails'];

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory of a jail by the home of one who lives in it; undefined for an ordinary home. */
function jailOfHome({ name, home }: HostAccount): string | undefined {
  const marked = /^(\/.+?)\/\.\//.exec(home)?.[1];
  if (marked !== undefined) return plainPath(marked);
  const suffix = `/home/${name}`;
  const path = home.endsWith(suffix) ? home.slice(0, -suffix.length) : '';
  // Somebody else may live in `/data/home/bob`, which is no jail.
  return userNumber(nameOf(path), name) === undefined ? undefined : path;
}

/** Jailkit leaves its settings in a jail; the old scripts' users have the jail's name. */
function looksLikeJail(reader: Reader, path: string, accounts: readonly HostAccount[]): boolean {
  if (reader.lstat(path)?.type !== 'directory') return false;
  if (reader.lstat(`${path}/etc/jailkit`)?.type === 'directory') return true;
  return accounts.some(
    ({ name, home }) =>
      userNumber(nameOf(path), name) !== undefined &&
      home === `/home/${name}` &&
      reader.lstat(`${path}/home/${name}`)?.type === 'directory',
  );
}

/** Directories of this host that are jails, by all signs, and were made without jailctl; sorted. */
export function findJails(reader: Reader, accounts: readonly HostAccount[]): readonly string[] {
  const byHome = accounts.flatMap((account) => jailOfHome(account) ?? []);
  const byPlace = usualPlaces
    .flatMap((place) =>
      (reader.list(place) ?? []).map((name) => `${place === '/' ? '' : place}/${name}`),
    )
    .filter((path) => looksLikeJail(reader, path, accounts));
  return [...new Set([...byHome, ...byPlace])]
    .filter((path) => reader.lstat(path) !== undefined)
    .filter((path) => reader.lstat(privateDirectory(path)) === undefined)
    .sort();
}
