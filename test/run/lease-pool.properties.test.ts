import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JailUser } from '../../src/model/settings.ts';
import { LeasePool } from '../../src/run/lease-pool.ts';
import type { LeasedUser } from '../../src/run/run-host.ts';
import { LeaseHost, settle, user } from './lease-host.ts';

const [first, second, third] = [user(1), user(2), user(3)];

/** What happens to a pool and around it, one after the other. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom('take', 'wait'),
      users: fc.subarray([first, second, third], { minLength: 1 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('give'), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('abort'), which: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('take elsewhere', 'give elsewhere'),
      name: fc.constantFrom('web1', 'web2', 'web3'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('turn') }) },
);

type Happening = {
  readonly what: string;
  readonly users?: readonly JailUser[];
  readonly which?: number;
  readonly name?: string;
};

/** Lets things happen, and watches that no user has two holders. */
class Watched {
  readonly host = new LeaseHost();
  readonly pool = new LeasePool(this.host);
  readonly inUse: LeasedUser[] = [];
  readonly stops = new Set<AbortController>();
  /** What must not be. */
  readonly wrong: unknown[] = [];

  #take(users: readonly JailUser[], stop: AbortController | undefined): void {
    if (stop !== undefined) this.stops.add(stop);
    this.pool
      .take(users, stop?.signal)
      .then(
        (lease) => {
          expect(users).toContainEqual(lease.user);
          expect(this.inUse.map((one) => one.user.name)).not.toContain(lease.user.name);
          expect(this.host.holders.get(lease.user.name)).toBe('pool');
          this.inUse.push(lease);
        },
        (error) => expect(error.exitCode).toBe(stop === undefined ? 5 : 130),
      )
      .finally(() => stop !== undefined && this.stops.delete(stop))
      .catch((error) => this.wrong.push(error));
  }

  async happen({ what, users = [], which = 0, name = '' }: Happening): Promise<void> {
    if (what === 'take') this.#take(users, undefined);
    else if (what === 'wait') this.#take(users, new AbortController());
    else if (what === 'give') this.giveBack(which);
    else if (what === 'abort') [...this.stops][which]?.abort();
    else if (what === 'take elsewhere') this.host.takeElsewhere(name);
    else if (what === 'give elsewhere') this.host.giveElsewhere(name);
    else await nextTurn();
  }

  giveBack(which: number): void {
    const [lease] = this.inUse.splice(which, 1);
    if (lease !== undefined) this.pool.give(lease);
  }
}

describe('whatever happens', () => {
  test('a user has one holder at a time, and who waits is served in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
        const watched = new Watched();
        for (const one of happenings) await watched.happen(one as Happening);
        for (const { name } of [first, second, third]) watched.host.giveElsewhere(name);
        await settle();
        for (let run = 0; run < happenings.length && watched.stops.size > 0; run++) {
          watched.giveBack(0);
          await settle();
        }
        expect(watched.stops.size).toBe(0);
        expect(watched.wrong).toEqual([]);
        while (watched.inUse.length > 0) watched.giveBack(0);
        await watched.pool[Symbol.asyncDispose]();
        await settle();
        expect(watched.host.waiting).toBe(0);
        expect([...watched.host.holders]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
