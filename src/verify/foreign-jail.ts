import { parsePasswd } from '../kinds/account/account.ts';
import { linesByName } from '../model/account-text.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { quote } from '../model/problem.ts';
import type { Reader } from '../model/reader.ts';
import type { EngineName, JailSettings, JailUser, Limits } from '../model/settings.ts';

function refuse(message: string, hint: string): never {
  throw new Failure(message, { exitCode: exitCode.usage, hint });
}

/** As useradd(8) makes them: files of a run are named by its user. */
const accountName = /^[a-z_][a-z0-9_.-]{0,31}$/i;

function userOf(reader: Reader, name: string): JailUser {
  if (!accountName.test(name))
    return refuse(`${quote(name)} is no name of an account`, 'see useradd(8)');
  const accounts = linesByName(reader.readText('/etc/passwd') ?? '');
  const [entry, second] = (accounts.get(name) ?? []).map(parsePasswd);
  if (entry === undefined) {
    return refuse(`this host has no user ${name}`, 'name the account that lives in the jail');
  }
  if (second !== undefined) return refuse(`${name} is there twice`, 'see /etc/passwd');
  if (entry.uid === 0) return refuse(`${name} is root`, 'root can leave every chroot');
  if (entry.gid !== entry.uid) {
    return refuse(
      `the group of ${name} is ${entry.gid}, and its UID ${entry.uid}`,
      'jailctl runs programs with a private group of the same number: make one for the account',
    );
  }
  const others = [...accounts.values()].flat().map(parsePasswd);
  const twin = others.find((one) => one.name !== name && one.uid === entry.uid);
  if (twin !== undefined) {
    return refuse(
      `${name} and ${twin.name} have the same UID`,
      `processes of ${twin.name} would be ended as well: give each a UID of its own`,
    );
  }
  return { name, uid: entry.uid };
}

/**
 * What a runtime mounts over. It makes what is missing, and the jail must not change.
 * @throws Failure with exit code 3 when a directory is missing
 */
function requireMountPoints(reader: Reader, path: string, engine: EngineName): void {
  const missing = ['/proc', '/dev', '/tmp', '/home'].find(
    (directory) => reader.lstat(`${path}${directory}`)?.type !== 'directory',
  );
  if (missing === undefined) return;
  refuse(
    `${path} has no directory ${missing}, and ${engine} would make it`,
    `make it, or attack the jail as it is: --engine chroot`,
  );
}

/**
 * A jail that jailctl did not make, so that it can be attacked like one of its own.
 * @param path absolute
 * @param name of an account of the host whose home in the jail is /home/NAME
 * @param limits of runs; the jail itself has none
 * @param engine what runs programs in it
 * @throws Failure with exit code 3 when there is no such directory or account
 */
export function foreignJail(
  reader: Reader,
  path: string,
  name: string,
  limits: Limits,
  engine: EngineName = 'chroot',
): JailSettings {
  if (reader.lstat(path)?.type !== 'directory' || path === '/') {
    return refuse(`${path} is not the directory of a jail`, 'a symlink is not followed');
  }
  const user = userOf(reader, name);
  // Each of them: `home` as a symlink would lead out, to the home of the host.
  const missing = ['/home', `/home/${name}`].find(
    (directory) => reader.lstat(`${path}${directory}`)?.type !== 'directory',
  );
  if (missing !== undefined) {
    return refuse(`${path} has no directory ${missing}`, 'that is where programs are started');
  }
  if (engine !== 'chroot') requireMountPoints(reader, path, engine);
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    users: [user],
    network: { mode: 'none', refusal: 'reject' },
    limits,
    home: 'keep',
    optional: [],
    login: 'none',
    env: {},
    protect: false,
  };
}
