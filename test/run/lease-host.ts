import { setImmediate as nextTurn } from 'node:timers/promises';
import { exitCode } from '../../src/model/exit-code.ts';
import { Failure } from '../../src/model/failure.ts';
import type { JailUser } from '../../src/model/settings.ts';
import type { LeasedUser } from '../../src/run/run-host.ts';

/** A user of a jail, by its number. */
export function user(number: number, uid = 70_000 + number): JailUser {
  return { name: `web${number}`, uid };
}

/** Long enough for everything that is going to happen by itself. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await nextTurn();
}

interface Waiting {
  readonly users: readonly JailUser[];
  get(user: JailUser): void;
}

/**
 * The leases of a host, in memory: what locks, janitors and waiting processes do, without running
 * anything. Like these it takes its time, and it knows users by their names only.
 */
export class LeaseHost {
  /** Who holds each user, by name. */
  readonly holders = new Map<string, 'pool' | 'other'>();
  /** How often the pool was given each user. */
  readonly leased: string[] = [];
  /** What the next lease fails of. */
  failure: Failure | undefined;
  readonly #waiting = new Set<Waiting>();

  /** How many leases are waited for. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async lease(users: readonly JailUser[], wait: AbortSignal | undefined): Promise<LeasedUser> {
    await nextTurn();
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    const free = users.find(({ name }) => !this.holders.has(name));
    if (free !== undefined) return this.#give(free);
    if (wait === undefined) throw new Failure('busy', { exitCode: exitCode.locked });
    return this.#await(users, wait);
  }

  #await(users: readonly JailUser[], wait: AbortSignal): Promise<LeasedUser> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiting);
        reject(new Failure('aborted', { exitCode: exitCode.interrupted }));
      };
      const waiting = {
        users,
        get: (user: JailUser) => {
          this.#waiting.delete(waiting);
          wait.removeEventListener('abort', onAbort);
          const lease = this.#give(user);
          // It is told a little later than it has it.
          nextTurn().then(() => resolve(lease));
        },
      };
      if (wait.aborted) return onAbort();
      wait.addEventListener('abort', onAbort);
      this.#waiting.add(waiting);
    });
  }

  #give(user: JailUser): LeasedUser {
    if (this.holders.has(user.name)) throw new Error(`${user.name} has two holders`);
    this.holders.set(user.name, 'pool');
    this.leased.push(user.name);
    return {
      user,
      run: () => Promise.reject(new Error('nothing is run here')),
      emptyHome: () => Promise.reject(new Error('nothing is removed here')),
      [Symbol.asyncDispose]: async () => {
        await nextTurn();
        this.#free(user.name);
        await nextTurn();
      },
    };
  }

  #free(name: string): void {
    this.holders.delete(name);
    // flock(2) promises no order: here who came last gets it.
    for (const { users, get } of [...this.#waiting].reverse()) {
      const user = users.find((one) => one.name === name);
      if (user === undefined) continue;
      get(user);
      return;
    }
  }

  /** Another process takes a user, if it can. @returns whether it has it now */
  takeElsewhere(name: string): boolean {
    if (this.holders.has(name)) return false;
    this.holders.set(name, 'other');
    return true;
  }

  /** Another process gives a user back, if it has it. */
  giveElsewhere(name: string): void {
    if (this.holders.get(name) === 'other') this.#free(name);
  }
}
