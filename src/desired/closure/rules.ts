import type { FileType, Stat } from '../../model/reader.ts';
import type { Problem } from './collection.ts';
import { isWithin, type Passed } from './host-view.ts';

/** Nothing of these goes into a jail: they are the kernel's, or the running system's. */
const neverTaken = ['/proc', '/sys', '/dev', '/run'];

/** Taken whole, these would bring the whole host, its settings or its people's files. */
const neverTakenWhole = ['/', '/etc', '/home', '/root'];

const notCopied: Readonly<Partial<Record<FileType, string>>> = {
  'character-device': 'a device node',
  'block-device': 'a device node',
  fifo: 'a FIFO',
  socket: 'a socket',
};

const [readByOthers, searchedByOthers] = [0o4, 0o1];

/** Why nothing is taken from a place, or by way of it. */
function placeProblem(path: string, jailPaths: readonly string[]): Problem | undefined {
  const system = neverTaken.find((directory) => isWithin(path, directory));
  if (system !== undefined) {
    return { code: 'tool-forbidden', message: `is in ${system}, which is never copied` };
  }
  const jail = jailPaths.find((directory) => isWithin(path, directory));
  if (jail !== undefined) return { code: 'tool-forbidden', message: `is in the jail ${jail}` };
  return undefined;
}

/** The same for what was met on the way: `/proc/self/exe` is a program of /usr/bin. */
export function wayProblem(
  way: readonly Passed[],
  jailPaths: readonly string[],
): Problem | undefined {
  for (const { path } of way) {
    const problem = placeProblem(path, jailPaths);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Why a path of the host must not come into a jail; undefined when it may. */
export function problemOf(
  path: string,
  stat: Stat,
  jailPaths: readonly string[],
): Problem | undefined {
  const place = placeProblem(path, jailPaths);
  if (place !== undefined) return place;
  const special = notCopied[stat.type];
  if (special !== undefined) {
    return { code: 'tool-not-a-file', message: `is ${special}, which is never copied` };
  }
  const directory = stat.type === 'directory';
  if (directory && neverTakenWhole.includes(path)) {
    return {
      code: 'tool-forbidden',
      message: 'is never taken whole',
      hint: 'name the files or directories in it that are needed',
    };
  }
  const wanted = directory ? readByOthers | searchedByOthers : readByOthers;
  if ((stat.mode & wanted) !== wanted) {
    return {
      code: 'tool-secret',
      message: 'is not readable by everybody on this host',
      hint: 'every user of the jail could read it: make it readable first if that is meant',
    };
  }
  return undefined;
}

/** A directory on the way that hides what is under it from ordinary users. */
export function hiddenBy(way: readonly Passed[]): string | undefined {
  return way.find(({ stat }) => stat.type === 'directory' && (stat.mode & searchedByOthers) === 0)
    ?.path;
}

/** Permission bits in a jail: no setuid, setgid or sticky bit, no write bit for group or others. */
export function jailMode(stat: Stat): number {
  return stat.mode & 0o755;
}

/** Of every directory in a jail: root's, and open to all. */
export const directoryMode = 0o755;
