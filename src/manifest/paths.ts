import { stateDirectory } from '../model/host-paths.ts';
import { type Parsed, type Problem, parsed, quote, refused } from '../model/problem.ts';

/** Paths inside the jail come on top of this, and PATH_MAX of Linux is 4096. */
const pathBytesMax = 1024;
/** NAME_MAX of Linux. */
const partBytesMax = 255;

/**
 * Directories of the system: no jail may be one of them or be inside one. Some because their
 * content is the system's, some because they are emptied (`/tmp`, `/run`), not on a disk
 * (`/proc`), or open to everybody (`/tmp`), so that anybody could stand where the jail will be.
 */
const closedDirectories: ReadonlySet<string> = new Set([
  '/bin',
  '/boot',
  '/dev',
  '/efi',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/lost+found',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/snap',
  '/sys',
  '/tmp',
  '/usr',
  '/var/backups',
  '/var/cache',
  '/var/lib/apt',
  '/var/lib/dpkg',
  stateDirectory,
  '/var/lib/rpm',
  '/var/lib/systemd',
  '/var/lock',
  '/var/log',
  '/var/mail',
  '/var/run',
  '/var/spool',
  '/var/tmp',
]);

/** Directories that are for others to live in: a jail may be inside one, but not be it. */
const sharedDirectories: ReadonlySet<string> = new Set([
  '/',
  '/home',
  '/media',
  '/mnt',
  '/opt',
  '/srv',
  '/var',
  '/var/lib',
  '/var/local',
]);

/**
 * Reads an absolute path without `.`, `..`, `//`, and without characters that a shell, an account
 * file or a terminal takes for something else. A slash at the end is taken off.
 */
export function parsePath(field: string, text: string): Parsed<string> {
  const bad = /[^A-Za-z0-9._@+/-]/u.exec(text)?.[0];
  if (bad !== undefined) {
    return refused(
      'path-character',
      `${field} has the character ${quote(bad)}, which no path of a jail may have`,
      'use letters, digits and . _ - + @ /',
    );
  }
  if (!text.startsWith('/')) {
    return refused(
      'path-relative',
      `${field} is ${quote(text)}, which does not start with a slash`,
      /^[A-Za-z]/.test(text)
        ? `write the whole path: /${text}`
        : 'write the whole path, such as /srv/jails',
    );
  }
  const parts = text.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  if (parts.includes('')) {
    return refused(
      'path-form',
      `${field} is ${quote(text)}, with two slashes in a row`,
      'leave one out',
    );
  }
  const dots = parts.find((part) => part === '.' || part === '..');
  if (dots !== undefined) {
    return refused(
      'path-form',
      `${field} is ${quote(text)}, with ${dots} in it`,
      'write where it leads to',
    );
  }
  if (text.length > pathBytesMax || parts.some((part) => part.length > partBytesMax)) {
    return refused(
      'path-too-long',
      `${field} is too long: ${text.length} characters`,
      `a path has at most ${pathBytesMax} characters, and a name in it ${partBytesMax}`,
    );
  }
  return parsed(`/${parts.join('/')}`);
}

/** Why no jail may stand at this path, or undefined. `what` starts the sentence: `path`. */
export function systemPathProblem(what: string, path: string): Problem | undefined {
  if (sharedDirectories.has(path)) {
    return {
      code: 'path-system',
      message: `${what} is ${path}, which other things live in too`,
      hint: `a jail needs a directory of its own, such as ${path === '/' ? '' : path}/jail`,
    };
  }
  return closedPathProblem(what, path);
}

/** Why no jail may stand in this directory, or undefined. */
export function closedPathProblem(what: string, path: string): Problem | undefined {
  const closed = [path, ...ancestors(path)].find((directory) => closedDirectories.has(directory));
  if (closed === undefined) return undefined;
  return {
    code: 'path-system',
    message:
      closed === path
        ? `${what} is ${path}, a directory of the system`
        : `${what} is ${path}, which is inside ${closed}, a directory of the system`,
    hint: 'choose a place of its own, such as /srv/jails',
  };
}

/** Directories above an absolute path, the nearest first, without `/`. */
export function ancestors(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
}
