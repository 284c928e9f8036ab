import { closeSync, ftruncateSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { lockPath } from '../model/host-paths.ts';
import { isErrno } from './errno.ts';
import { lockFile } from './flock.ts';

/** Held from `takeLock` until it is disposed, or until the process dies. */
export interface Lock {
  [Symbol.dispose](): void;
}

function refuse(): never {
  const holder = readFileSync(lockPath, 'utf8').trim();
  throw new Failure(
    `another jailctl is at work on this host: ${holder === '' ? 'just started' : holder}`,
    { exitCode: exitCode.locked, hint: 'wait until it has ended, then run the command again' },
  );
}

function openLock(command: string): number {
  try {
    const descriptor = lockFile(lockPath) ?? refuse();
    ftruncateSync(descriptor);
    writeSync(descriptor, `pid ${process.pid}, ${command}, since ${new Date().toISOString()}\n`);
    return descriptor;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const hint = 'nothing was changed: mend what stands in the way, then run the command again';
    throw new Failure(`can't write the lock ${lockPath}`, { hint, cause: error });
  }
}

/**
 * Keeps every other jailctl that changes the host out.
 * @param command what the holder does, for the message that another jailctl prints
 * @throws Failure with exit code 5, naming the holder, when another one is at work; with 1 when the
 *   lock can't be written
 */
export function takeLock(command: string): Lock {
  const descriptor = openLock(command);
  return {
    [Symbol.dispose]: () => {
      try {
        // Node's own rmSync does not tell which error it was.
        unlinkSync(lockPath);
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return;
        const hint = 'all else is done; the file keeps nobody out, and the next run removes it';
        throw new Failure(`can't remove the lock ${lockPath}`, { hint, cause: error });
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
