import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { JailUser } from '../model/settings.ts';
import type { LeasedUser, RunHost } from './run-host.ts';

interface Waiter {
  readonly users: readonly JailUser[];
  take(lease: LeasedUser): void;
  /** Asks the host, for those of the users that this pool does not hold now. */
  ask(): void;
}

function isSame(a: JailUser, b: JailUser): boolean {
  return a.name === b.name && a.uid === b.uid;
}

/** A user that was destroyed and made again has another UID. */
function isRenumbered(a: JailUser, b: JailUser): boolean {
  return a.name === b.name && a.uid !== b.uid;
}

function isBusy(error: unknown): boolean {
  return error instanceof Failure && error.exitCode === exitCode.locked;
}

/**
 * The leased users of one process. A lease that is given back stays with the pool until it is
 * disposed, so that the next run does not pay for it.
 */
export class LeasePool implements AsyncDisposable {
  readonly #host: Pick<RunHost, 'lease'>;
  #idle: LeasedUser[] = [];
  /** By the name of the user, whether idle or not. */
  readonly #held = new Map<string, LeasedUser>();
  readonly #waiters = new Set<Waiter>();
  #asking: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(host: Pick<RunHost, 'lease'>) {
    this.#host = host;
  }

  /**
   * @param wait until one of the users is free, or the signal is aborted; absent: one must be free
   * @throws Failure with exit code 5 when none is free, 130 when aborted
   */
  async take(users: readonly JailUser[], wait: AbortSignal | undefined): Promise<LeasedUser> {
    // One after the other: each then asks for users that the one before did not get.
    const asked = this.#asking.then(() => this.#takeNow(users, wait !== undefined));
    this.#asking = asked.catch(() => {});
    return (await asked) ?? this.#await(users, wait as AbortSignal);
  }

  /** Gives back what `take` gave; the next in the queue gets it. */
  give(lease: LeasedUser): void {
    for (const waiter of this.#waiters) {
      if (!waiter.users.some((user) => isSame(user, lease.user))) continue;
      waiter.take(lease);
      return;
    }
    const isOld = [...this.#waiters].some(({ users }) =>
      users.some((user) => isRenumbered(user, lease.user)),
    );
    if (this.#closed || isOld) this.#release(lease).catch(() => {});
    else this.#idle.push(lease);
  }

  #takeIdle(users: readonly JailUser[]): LeasedUser | undefined {
    const idle = this.#idle.find((lease) => users.some((user) => isSame(user, lease.user)));
    this.#idle = this.#idle.filter((lease) => lease !== idle);
    return idle;
  }

  #notHeld(users: readonly JailUser[]): readonly JailUser[] {
    return users.filter((user) => !this.#held.has(user.name));
  }

  /** @returns undefined when none is free, and the caller can wait */
  async #takeNow(users: readonly JailUser[], canWait: boolean): Promise<LeasedUser | undefined> {
    const idle = this.#takeIdle(users);
    if (idle !== undefined) return idle;
    await this.#releaseRenumbered(users);
    const others = this.#notHeld(users);
    if (others.length === 0 && canWait) return undefined;
    try {
      return this.#hold(await this.#host.lease(others.length === 0 ? users : others, undefined));
    } catch (error) {
      if (canWait && isBusy(error)) return undefined;
      throw error;
    }
  }

  #hold(lease: LeasedUser): LeasedUser {
    this.#held.set(lease.user.name, lease);
    return lease;
  }

  async #release(lease: LeasedUser): Promise<void> {
    const { name } = lease.user;
    try {
      await lease[Symbol.asyncDispose]();
    } finally {
      // Somebody may have got it anew meanwhile.
      if (this.#held.get(name) === lease) this.#held.delete(name);
    }
    for (const waiter of this.#waiters) {
      if (waiter.users.some((user) => user.name === name)) waiter.ask();
    }
  }

  async #releaseRenumbered(users: readonly JailUser[]): Promise<void> {
    const isOld = ({ user }: LeasedUser) => users.some((one) => isRenumbered(one, user));
    const old = this.#idle.filter(isOld);
    this.#idle = this.#idle.filter((lease) => !isOld(lease));
    for (const lease of old) await this.#release(lease);
  }

  /** Waits for a user that this pool gives back, or that another process does. */
  #await(users: readonly JailUser[], wait: AbortSignal): Promise<LeasedUser> {
    return new Promise((resolve, reject) => {
      let asking = new AbortController();
      const end = () => {
        this.#waiters.delete(waiter);
        asking.abort();
        wait.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        end();
        const message = 'interrupted while waiting for a free user';
        reject(new Failure(message, { exitCode: exitCode.interrupted }));
      };
      const ask = () => {
        asking.abort();
        const mine = new AbortController();
        asking = mine;
        const others = this.#notHeld(users);
        if (others.length === 0) return;
        const onLease = (lease: LeasedUser) => {
          this.give(this.#hold(lease));
          // Somebody who has waited longer may have got it.
          if (!mine.signal.aborted) ask();
        };
        const onError = (error: unknown) => {
          if (mine.signal.aborted) return;
          end();
          reject(error);
        };
        this.#host.lease(others, mine.signal).then(onLease, onError);
      };
      const take = (lease: LeasedUser) => {
        end();
        resolve(lease);
      };
      const waiter: Waiter = { users, take, ask };
      // A user may have become free since it was asked for.
      const idle = this.#takeIdle(users);
      if (idle !== undefined) return resolve(idle);
      if (wait.aborted) return onAbort();
      wait.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      ask();
    });
  }

  /** Gives every user back. Leases that are in use go when they are given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const idle = this.#idle;
    this.#idle = [];
    await Promise.all(idle.map((lease) => this.#release(lease)));
  }
}
