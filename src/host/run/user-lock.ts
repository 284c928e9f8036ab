import { closeSync, fstatSync, readFileSync, rmSync } from 'node:fs';
import { leaseFile } from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import { isCurrent, lockDescriptor, openLockFile } from '../flock.ts';
import { Janitor, type LeaseMeans, type Outcome } from './janitor-process.ts';
import { makeInRuns, removeRunsDirectory } from './runs-directory.ts';

/** Lets go of the lock, and removes its file, unless the janitor has. */
export function unlock(lock: number, user: string): void {
  const path = leaseFile(user);
  if (isCurrent(lock, path)) rmSync(path);
  closeSync(lock);
  removeRunsDirectory();
}

/** Lets go of a lock file that a waiter may have made, and may or may not have locked. */
function giveUp(lock: number, user: string): void {
  const path = leaseFile(user);
  if (lockDescriptor(lock, path) && fstatSync(lock).size === 0) unlock(lock, user);
  else closeSync(lock);
}

/** The lock of a user, as two processes hold it. */
export interface LockedUser {
  readonly janitor: Janitor;
  /** The open lock file. */
  readonly lock: number;
}

/**
 * Takes the lock of a user.
 * @param wait until it is free, or the signal is aborted
 * @returns undefined when it is held and not waited for, or aborted
 */
export async function lockUser(
  user: JailUser,
  means: LeaseMeans,
  wait: AbortSignal | undefined,
): Promise<LockedUser | undefined> {
  for (;;) {
    const lock = makeInRuns(() => openLockFile(leaseFile(user.name)));
    const janitor = new Janitor(lock, user, means, wait !== undefined);
    const stop = () => janitor.stop();
    wait?.addEventListener('abort', stop, { once: true });
    let outcome: Outcome | undefined;
    try {
      outcome = await janitor.outcome();
      // It was stopped, perhaps after it had the lock.
      if (wait?.aborted === true) outcome = 'stopped';
      if (outcome === 'locked') return { janitor, lock };
    } finally {
      wait?.removeEventListener('abort', stop);
      if (outcome === 'stopped') giveUp(lock, user.name);
      else if (outcome !== 'locked') closeSync(lock);
    }
    if (outcome === 'busy' || wait?.aborted === true) return undefined;
  }
}

/** For a person: the user, and the process that has leased it. */
export function holderOf(user: string): string {
  try {
    const text = readFileSync(leaseFile(user), 'utf8').trim();
    return text === '' ? user : `${user} (${text.split('\n').at(-1)})`;
  } catch {
    return user;
  }
}
