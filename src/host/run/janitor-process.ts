import { type ChildProcess, spawn } from 'node:child_process';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { bundleDirectory, leaseFile, runGroup, scriptGroup } from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import { conflictStatus } from '../flock.ts';
import { kill } from '../kill.ts';
import { requireCommand, toolEnvironment } from '../path.ts';
import type { Cgroups } from './cgroups.ts';
import { janitorScript, staleStatus } from './janitor.ts';

/** What ends and removes runs. */
export interface LeaseMeans {
  readonly cgroups: Pick<Cgroups, 'hierarchies'>;
  /** Of jailctl-sweep. */
  readonly sweepPath: string;
}

/** The process that holds the lock and cleans up, when this one does not. */
function startJanitor(
  lock: number,
  user: JailUser,
  { cgroups, sweepPath }: LeaseMeans,
  wait: boolean,
): ChildProcess {
  const groups = cgroups.hierarchies.flatMap(({ mountPoint }) =>
    [runGroup(user.name), scriptGroup(user.name)].map((group) => `${mountPoint}/${group}`),
  );
  return spawn(
    requireCommand('sh'),
    [
      ...['-c', janitorScript, 'jailctl-janitor', wait ? '' : '--nonblock'],
      ...[leaseFile(user.name), String(user.uid), bundleDirectory(user.name), sweepPath],
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

/** `stopped`: it was killed. */
export type Outcome = 'locked' | 'busy' | 'stale' | 'stopped';

/** A janitor, until it has ended. */
export class Janitor {
  readonly #process: ChildProcess;
  readonly #user: string;
  readonly #ended: Promise<void>;
  #complaint = '';

  constructor(lock: number, user: JailUser, means: LeaseMeans, wait: boolean) {
    this.#user = user.name;
    this.#process = startJanitor(lock, user, means, wait);
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    this.#process.stderr?.on('data', (chunk) => {
      this.#complaint += String(chunk);
    });
    // It was killed, and can't be told anything: the lock is still ours.
    this.#process.stdin?.on('error', () => {});
  }

  /** Waits until it has the lock, or has ended without it. */
  outcome(): Promise<Outcome> {
    const janitor = this.#process;
    return new Promise((resolve, reject) => {
      janitor.stdout?.once('data', () => resolve('locked'));
      janitor.once('error', reject);
      janitor.once('close', (status, signal) => {
        if (status === conflictStatus) resolve('busy');
        else if (status === staleStatus) resolve('stale');
        else if (signal !== null) resolve('stopped');
        else {
          const message = `can't lease the user ${this.#user}: ${this.#complaint.trim()}`;
          reject(new Failure(message, { exitCode: exitCode.sandbox }));
        }
      });
    });
  }

  tell(words: string): void {
    this.#process.stdin?.write(`${words}\n`);
  }

  /** Stops one that waits for the lock: it is flock(1) that waits, so the whole session. */
  stop(): void {
    kill(-(this.#process.pid as number));
  }

  /**
   * Tells it that nothing is left but the lock file, which the caller then removes.
   * @returns when that can't get lost any more, even if this process is killed; or it was killed
   */
  release(): Promise<void> {
    return new Promise((resolve) => this.#process.stdin?.write('released\n', () => resolve()));
  }

  /** @returns when it has ended */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
  }

  /**
   * Has it end and remove whatever runs of the user there are or were, and then the lock file. When
   * it was killed before that, the lock file is still there.
   * @throws Failure when something does not go
   */
  async cleanUp(): Promise<void> {
    await this.end();
    if (this.#process.exitCode === 0 || this.#process.signalCode !== null) return;
    const why = this.#complaint.trim();
    throw new Failure(`can't remove what an earlier run of ${this.#user} left: ${why}`, {
      exitCode: exitCode.sandbox,
      hint: `look at the processes: ps -u ${this.#user} -o pid,stat,wchan,args`,
    });
  }
}
