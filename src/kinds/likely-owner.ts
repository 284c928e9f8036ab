import { printable } from '../model/printable.ts';
import type { Reader, Stat } from '../model/reader.ts';
import { parsePasswd } from './account/account.ts';

/** How many accounts a conflict names. */
const namedMax = 3;

/** The Debian packages that have the path; none on a host without dpkg-query. */
function packagesOf(reader: Reader, path: string): readonly string[] {
  if (reader.which('dpkg-query') === undefined) return [];
  const { stdout } = reader.query(['dpkg-query', '--search', '--', path]);
  // `pam, login: /etc/security`; it fails, and prints nothing, for what no package has.
  const suffix = `: ${path}`;
  return stdout
    .split('\n')
    .filter((line) => line.endsWith(suffix) && !line.startsWith('diversion by '))
    .map((line) => line.slice(0, -suffix.length));
}

/**
 * Whose something in the way of jailctl most likely is, for a person who has to decide about it:
 * the account that it belongs to, the package that has it, who lives in it.
 */
export function likelyOwner(reader: Reader, path: string, { uid, type }: Stat): string {
  const passwd = (reader.readText('/etc/passwd') ?? '').split('\n').map(parsePasswd);
  const owner = passwd.find((entry) => entry.uid === uid)?.name;
  const residents = passwd
    .filter(({ home }) => home === path || home.startsWith(`${path}/`))
    .map(({ name }) => printable(name));
  const isJailkit = type === 'directory' && reader.lstat(`${path}/etc/jailkit`) !== undefined;
  const named = residents.slice(0, namedMax).join(', ');
  const more = residents.length > namedMax ? `, and ${residents.length - namedMax} more` : '';
  return [
    owner === undefined ? `UID ${uid}, which has no account` : `UID ${uid}, ${printable(owner)}`,
    ...packagesOf(reader, path).map((name) => `package ${name}`),
    ...(isJailkit ? ['made by Jailkit: it has etc/jailkit'] : []),
    ...(residents.length > 0 ? [`home of ${named}${more}`] : []),
  ].join('; ');
}
