import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import {
  bundlesDirectory,
  leasesDirectory,
  runsDirectory,
  runtimeStateDirectory,
} from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import { conflictStatus, openLockFile } from '../flock.ts';
import { requireCommand, toolEnvironment } from '../path.ts';
import { type Cgroups, runsGroup } from './cgroups.ts';
import { janitorScript, staleStatus } from './janitor.ts';

/**
 * The right to run programs as one user of a jail, one at a time. It goes with this process: when
 * that is killed, a janitor ends and removes what it was running, and only then is the user free.
 */
export interface Lease {
  readonly user: JailUser;
  /** Root's own, for the bundle; with the pipes of `pipeNames`. */
  readonly directory: string;
  /** Tells the janitor what to wait for, should this process be killed: the runtime's PID. */
  running(runtime: number): void;
  /** Tells the janitor that the run has ended. */
  idle(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Names a user's run for an OCI runtime. */
export function containerName(user: string): string {
  return `jailctl-${user}`;
}

/** @throws Failure when somebody else has made the directory, or opened it */
function makeRunsDirectory(): void {
  for (const path of [runsDirectory, leasesDirectory, bundlesDirectory, runtimeStateDirectory]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = lstatSync(path);
    if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o7777) === 0o700) continue;
    throw new Failure(`${path} is not a directory of root's own with mode 0700`, {
      exitCode: exitCode.sandbox,
      hint: `look who made it, then remove it: rm -r ${path}`,
    });
  }
}

function startJanitor(lock: number, user: JailUser, cgroups: Cgroups, wait: boolean): ChildProcess {
  const groups = cgroups.hierarchies.map(
    ({ mountPoint }) => `${mountPoint}/${runsGroup}/${user.name}`,
  );
  return spawn(
    requireCommand('sh'),
    [
      ...['-c', janitorScript, 'jailctl-janitor', wait ? '' : '--nonblock'],
      `${leasesDirectory}/${user.name}`,
      String(user.uid),
      `${bundlesDirectory}/${user.name}`,
      `${runtimeStateDirectory}/${containerName(user.name)}`,
      ...groups,
    ],
    {
      env: toolEnvironment,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe', lock],
      // In a session of its own: Ctrl-C in the terminal must not take it away.
      detached: true,
    },
  );
}

type Outcome = 'locked' | 'busy' | 'stale' | 'stopped';

/** Waits until the janitor has the lock, or has ended without it. */
function outcomeOf(janitor: ChildProcess, user: string): Promise<Outcome> {
  let complaint = '';
  janitor.stderr?.on('data', (chunk) => {
    complaint += String(chunk);
  });
  return new Promise((resolve, reject) => {
    janitor.stdout?.once('data', () => resolve('locked'));
    janitor.once('error', reject);
    janitor.once('close', (status, signal) => {
      if (status === conflictStatus) resolve('busy');
      else if (status === staleStatus) resolve('stale');
      else if (signal !== null) resolve('stopped');
      else {
        reject(
          new Failure(`can't lease the user ${user}: ${complaint.trim()}`, {
            exitCode: exitCode.sandbox,
          }),
        );
      }
    });
  });
}

async function makeLease(janitor: ChildProcess, lock: number, user: JailUser): Promise<Lease> {
  const path = `${leasesDirectory}/${user.name}`;
  const directory = `${bundlesDirectory}/${user.name}`;
  const ended = new Promise<void>((resolve) => janitor.once('close', () => resolve()));
  // It was killed, and can't be told anything: the lock is still ours.
  janitor.stdin?.on('error', () => {});
  const tell = (words: string) => janitor.stdin?.write(`${words}\n`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  const made = new Promise<boolean>((resolve) => {
    janitor.stdout?.once('data', () => resolve(true));
    janitor.once('close', () => resolve(false));
  });
  tell('pipes');
  if (!(await made)) {
    throw new Failure(`can't make the pipes of ${user.name} in ${directory}`, {
      exitCode: exitCode.sandbox,
    });
  }
  return {
    user,
    directory,
    running: (runtime) => tell(`run ${runtime}`),
    idle: () => tell('idle'),
    [Symbol.asyncDispose]: async () => {
      rmSync(directory, { recursive: true, force: true });
      janitor.stdin?.end('released\n');
      await ended;
      rmSync(path, { force: true });
      closeSync(lock);
    },
  };
}

/** One user, now or later. @returns undefined when it is busy and not waited for, or aborted */
async function leaseOne(
  user: JailUser,
  cgroups: Cgroups,
  wait: AbortSignal | undefined,
): Promise<Lease | undefined> {
  for (;;) {
    const lock = openLockFile(`${leasesDirectory}/${user.name}`);
    const janitor = startJanitor(lock, user, cgroups, wait !== undefined);
    // The whole session: it is flock(1) that waits.
    const stop = () => process.kill(-(janitor.pid as number), 'SIGKILL');
    wait?.addEventListener('abort', stop, { once: true });
    try {
      const outcome = await outcomeOf(janitor, user.name);
      if (outcome === 'locked') {
        writeSync(lock, `pid ${process.pid}\n`);
        return await makeLease(janitor, lock, user);
      }
      closeSync(lock);
      if (outcome !== 'stale' || wait?.aborted === true) return undefined;
    } catch (error) {
      closeSync(lock);
      throw error;
    } finally {
      wait?.removeEventListener('abort', stop);
    }
  }
}

function holderOf(user: string): string {
  try {
    const text = readFileSync(`${leasesDirectory}/${user}`, 'utf8').trim();
    return text === '' ? user : `${user} (${text.split('\n').at(-1)})`;
  } catch {
    return user;
  }
}

/**
 * Leases one of these users: the first that is free.
 * @throws Failure with exit code 5 when none is, naming the processes that hold them
 */
export async function leaseFreeUser(users: readonly JailUser[], cgroups: Cgroups): Promise<Lease> {
  makeRunsDirectory();
  for (const user of users) {
    const lease = await leaseOne(user, cgroups, undefined);
    if (lease !== undefined) return lease;
  }
  const names = users.map(({ name }) => holderOf(name)).join(', ');
  throw new Failure(`every user is running something: ${names}`, {
    exitCode: exitCode.locked,
    hint: 'wait for one with --wait, or give the jail more users',
  });
}

/**
 * Leases one of these users, as soon as one is free. No polling: for each, a flock(1) waits.
 * @throws Failure with exit code 130 when the signal is aborted first
 */
export async function awaitFreeUser(
  users: readonly JailUser[],
  cgroups: Cgroups,
  signal: AbortSignal,
): Promise<Lease> {
  makeRunsDirectory();
  const won = new AbortController();
  const waiting = users.map(async (user) => {
    const lease = await leaseOne(user, cgroups, AbortSignal.any([signal, won.signal]));
    if (lease === undefined) return undefined;
    // Two may get theirs at the same moment.
    if (!won.signal.aborted) {
      won.abort();
      return lease;
    }
    await lease[Symbol.asyncDispose]();
    return undefined;
  });
  const leases = await Promise.all(waiting);
  const lease = leases.find((one) => one !== undefined);
  if (lease !== undefined) return lease;
  throw new Failure('interrupted while waiting for a free user', {
    exitCode: exitCode.interrupted,
  });
}
