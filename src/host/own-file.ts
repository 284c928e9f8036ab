import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { below } from '../model/host-paths.ts';
import { readFlags } from './content.ts';
import { isErrno } from './errno.ts';
import { outsideJails } from './tenant-path.ts';

const { O_NOFOLLOW, O_WRONLY, O_CREAT, O_EXCL } = constants;

/** So much of a file tells what it is. */
const headBytes = 4096;

/** What stands at a path: nothing, a file of jailctl's, or what is in the way, for a person. */
function inTheWay(path: string, isOurs: (text: string) => boolean): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) return 'a symlink';
  if (stats.isDirectory()) return 'a directory';
  if (!stats.isFile()) return 'no regular file';
  const descriptor = openSync(path, readFlags);
  try {
    const head = Buffer.alloc(headBytes);
    const length = readSync(descriptor, head, 0, headBytes, 0);
    return isOurs(head.toString('utf8', 0, length))
      ? undefined
      : 'a file that jailctl did not write';
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a file that only its owner may read, at once and whole: under another name first, then
 * renamed. It replaces nothing but an older one of its kind, and follows no symlink at its name.
 * @param isOurs is this the beginning of a file of the kind?
 * @throws Failure with exit code 3 when something else is in the way, or it can't be written
 */
export function writeOwnFile(path: string, text: string, isOurs: (text: string) => boolean): void {
  const refuse = (message: string, options: { hint?: string; cause?: unknown }) =>
    new Failure(`${path} can't be written${message}`, { exitCode: exitCode.usage, ...options });
  try {
    const directory = outsideJails(dirname(path)).path;
    const place = below(directory, `/${basename(path)}`);
    const what = inTheWay(place, isOurs);
    if (what !== undefined) {
      throw refuse(`: ${what} is in the way`, { hint: 'name another file, or move it away' });
    }
    // Nobody can know the name, to put something there before.
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    const fresh = `${place}.${randomBytes(8).toString('hex')}`;
    const descriptor = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
      renameSync(fresh, place);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = isErrno(error, 'ENOENT');
    throw refuse('', { cause: error, ...(isMissing && { hint: 'is its directory there?' }) });
  }
}
