import { closeSync, existsSync, fstatSync, mkdirSync, rmSync, writeSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { bundleDirectory } from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import type { Janitor, LeaseMeans } from './janitor-process.ts';
import { makeInRuns } from './runs-directory.ts';
import { holderOf, lockUser, unlock } from './user-lock.ts';

/**
 * The right to run programs as one user of a jail, one at a time. It goes with this process: when
 * that is killed, a janitor ends and removes what it was running, and only then is the user free.
 */
export interface Lease {
  readonly user: JailUser;
  /** Root's own, for the bundle. */
  readonly directory: string;
  /** Tells the janitor what to wait for, should this process be killed: the runtime's PID. */
  running(runtime: number): void;
  /** Tells the janitor that the run has ended. */
  idle(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

async function makeLease(janitor: Janitor, lock: number, user: JailUser): Promise<Lease> {
  const directory = bundleDirectory(user.name);
  const giveBack = async () => {
    try {
      rmSync(directory, { recursive: true, force: true });
      // Before the file goes: then another may lease the user, and a janitor must not clean up.
      await janitor.release();
    } catch {
      // Somebody has killed the runtime while it had something mounted there.
      await janitor.cleanUp();
    } finally {
      try {
        unlock(lock, user.name);
      } finally {
        await janitor.end();
      }
    }
  };
  try {
    writeSync(lock, `pid ${process.pid}\n`);
    makeInRuns(() => mkdirSync(directory, { mode: 0o700 }));
  } catch (error) {
    await giveBack();
    throw error;
  }
  return {
    user,
    directory,
    running: (runtime) => janitor.tell(`run ${runtime}`),
    idle: () => janitor.tell('idle'),
    [Symbol.asyncDispose]: giveBack,
  };
}

/** One user, now or later. @returns undefined when it is busy and not waited for, or aborted */
async function leaseOne(
  user: JailUser,
  means: LeaseMeans,
  wait: AbortSignal | undefined,
): Promise<Lease | undefined> {
  for (;;) {
    const locked = await lockUser(user, means, wait);
    if (locked === undefined) return undefined;
    const { janitor, lock } = locked;
    if (fstatSync(lock).size === 0 && !existsSync(bundleDirectory(user.name))) {
      return makeLease(janitor, lock, user);
    }
    // Whoever wrote there was killed, and its janitor as well.
    await janitor.cleanUp().finally(() => closeSync(lock));
  }
}

/**
 * Leases one of these users: the first that is free.
 * @throws Failure with exit code 5 when none is, naming the processes that hold them; with 125 when
 *   what an earlier run left of the last one does not go
 */
export async function leaseFreeUser(users: readonly JailUser[], means: LeaseMeans): Promise<Lease> {
  let failure: unknown;
  for (const user of users) {
    try {
      const lease = await leaseOne(user, means, undefined);
      if (lease !== undefined) return lease;
    } catch (error) {
      // Another one may do.
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  const names = users.map(({ name }) => holderOf(name)).join(', ');
  const [message, hint] =
    users.length === 1
      ? [
          `${names} is running something`,
          'wait for it with --wait, or let any free user run it: exec JAIL',
        ]
      : [
          `every user is running something: ${names}`,
          'wait for one with --wait, or give the jail more users',
        ];
  throw new Failure(message, { exitCode: exitCode.locked, hint });
}

/**
 * Leases one of these users, as soon as one is free. No polling: for each, a flock(1) waits.
 * @throws Failure with exit code 130 when the signal is aborted first; with 125 when what earlier
 *   runs left does not go, of any user
 */
export async function awaitFreeUser(
  users: readonly JailUser[],
  means: LeaseMeans,
  signal: AbortSignal,
): Promise<Lease> {
  const won = new AbortController();
  const waiting = users.map(async (user) => {
    const lease = await leaseOne(user, means, AbortSignal.any([signal, won.signal]));
    if (lease === undefined) return undefined;
    // Two may get theirs at the same moment.
    if (!won.signal.aborted) {
      won.abort();
      return lease;
    }
    await lease[Symbol.asyncDispose]();
    return undefined;
  });
  const settled = await Promise.allSettled(waiting);
  for (const one of settled) {
    if (one.status === 'fulfilled' && one.value !== undefined) return one.value;
  }
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  throw new Failure('interrupted while waiting for a free user', {
    exitCode: exitCode.interrupted,
  });
}
