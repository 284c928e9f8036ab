import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { JailUser } from '../../src/model/settings.ts';
import { LeasePool } from '../../src/run/lease-pool.ts';
import type { LeasedUser } from '../../src/run/run-host.ts';
import { LeaseHost, settle, user } from './lease-host.ts';

const [first, second, third] = [user(1), user(2), user(3)];
const patience = () => new AbortController().signal;

/** What a promise has come to by now. */
function stateOf(taking: Promise<LeasedUser>) {
  const state: { got?: LeasedUser; error?: unknown } = {};
  taking.then(
    (lease) => {
      state.got = lease;
    },
    (error) => {
      state.error = error;
    },
  );
  return state;
}

let host: LeaseHost;
let pool: LeasePool;
beforeEach(() => {
  host = new LeaseHost();
  pool = new LeasePool(host);
});

const take = (users: readonly JailUser[], wait?: AbortSignal) => pool.take(users, wait);

describe('a pool with free users', () => {
  test('gives each user once, in their order', async () => {
    const leases = await Promise.all([1, 2, 3].map(() => take([first, second, third])));
    expect(leases.map((lease) => lease.user.name)).toEqual(['web1', 'web2', 'web3']);
  });

  test('keeps a user that was given back, and asks the host for it no more', async () => {
    for (let run = 0; run < 3; run++) pool.give(await take([first, second]));
    expect(host.leased).toEqual(['web1']);
    expect(host.holders.get('web1')).toBe('pool');
  });

  test('gives nobody a user that was not asked for', async () => {
    pool.give(await take([first]));
    expect((await take([second])).user).toEqual(second);
  });

  test('goes on when the host fails once', async () => {
    host.failure = new Failure('no janitor', { exitCode: 125 });
    const [failing, working] = [take([first]), take([first])];
    await expect(failing).rejects.toMatchObject({ exitCode: 125 });
    expect((await working).user).toEqual(first);
  });
});

describe('a pool whose users are all busy', () => {
  test('refuses at once who does not wait', async () => {
    await take([first]);
    await expect(take([first])).rejects.toMatchObject({ exitCode: 5 });
    host.takeElsewhere('web2');
    await expect(take([first, second])).rejects.toMatchObject({ exitCode: 5 });
  });

  test('serves who waits in the order of their coming', async () => {
    const lease = await take([first]);
    const served: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const mine = await take([first], patience());
      served.push(number);
      await nextTurn();
      pool.give(mine);
    });
    await settle();
    expect(served).toEqual([]);
    // The pool holds the user: there is nothing to ask the host for.
    expect(host.waiting).toBe(0);
    pool.give(lease);
    await Promise.all(waiting);
    expect(served).toEqual([1, 2, 3]);
    expect(host.leased).toEqual(['web1']);
  });

  test('overlooks no user that is given back just when one begins to wait', async () => {
    for (let microtasks = 0; microtasks < 20; microtasks++) {
      const lease = await take([first]);
      const waiting = stateOf(take([first], patience()));
      for (let done = 0; done < microtasks; done++) await Promise.resolve();
      pool.give(lease);
      await settle();
      expect(waiting.got, `after ${microtasks}`).toBe(lease);
      pool.give(lease);
    }
  });

  test('passes over who waits for another user', async () => {
    const [one, two] = [await take([first]), await take([second])];
    const forTwo = stateOf(take([second], patience()));
    const forOne = stateOf(take([first], patience()));
    await settle();
    pool.give(one);
    await settle();
    expect([forOne.got, forTwo.got]).toEqual([one, undefined]);
    pool.give(two);
    await settle();
    expect(forTwo.got).toBe(two);
  });

  test('lets many wait on one signal, and forgets all of them when it is aborted', async () => {
    const lease = await take([first]);
    host.takeElsewhere('web2');
    const stop = new AbortController();
    const waiting = Array.from({ length: 50 }, () => take([first, second], stop.signal));
    await settle();
    stop.abort();
    const ends = await Promise.allSettled(waiting);
    const codes = ends.map((end) => end.status === 'rejected' && end.reason.exitCode);
    expect(new Set(codes)).toEqual(new Set([130]));
    await settle();
    expect(host.waiting).toBe(0);
    pool.give(lease);
    expect((await take([first])).user).toEqual(first);
  });

  test('does not begin to wait on a signal that is aborted', async () => {
    await take([first]);
    await expect(take([first], AbortSignal.abort())).rejects.toMatchObject({ exitCode: 130 });
    expect(host.waiting).toBe(0);
  });

  test('does not let one who was interrupted swallow a user', async () => {
    const lease = await take([first]);
    const stop = new AbortController();
    const interrupted = stateOf(take([first], stop.signal));
    const patient = stateOf(take([first], patience()));
    await settle();
    stop.abort();
    pool.give(lease);
    await settle();
    expect(interrupted.error).toMatchObject({ exitCode: 130 });
    expect(patient.got).toBe(lease);
  });

  test('tells who waits what the host fails of', async () => {
    host.takeElsewhere('web1');
    const waiting = take([first], patience());
    const refused = expect(waiting).rejects.toMatchObject({ exitCode: 125 });
    await nextTurn();
    host.failure = new Failure('no janitor', { exitCode: 125 });
    await refused;
    host.giveElsewhere('web1');
    expect((await take([first])).user).toEqual(first);
  });
});

describe('a pool beside other processes', () => {
  test('gets a user that another one gives back', async () => {
    host.takeElsewhere('web1');
    await take([second]);
    const waiting = stateOf(take([first, second], patience()));
    await settle();
    expect(waiting.got).toBeUndefined();
    host.giveElsewhere('web1');
    await settle();
    expect(waiting.got?.user).toEqual(first);
  });

  test('goes on waiting for the others when such a user went to who came first', async () => {
    for (const name of ['web1', 'web2']) host.takeElsewhere(name);
    const early = stateOf(take([first], patience()));
    const late = stateOf(take([first, second], patience()));
    await settle();
    host.giveElsewhere('web1');
    await settle();
    expect([early.got?.user, late.got]).toEqual([first, undefined]);
    host.giveElsewhere('web2');
    await settle();
    expect(late.got?.user).toEqual(second);
  });

  test('asks no more for who was served by the pool itself', async () => {
    const lease = await take([first]);
    host.takeElsewhere('web2');
    const waiting = stateOf(take([first, second], patience()));
    await settle();
    expect(host.waiting).toBe(1);
    pool.give(lease);
    await settle();
    expect(waiting.got).toBe(lease);
    expect(host.waiting).toBe(0);
    host.giveElsewhere('web2');
    await settle();
    expect(host.holders.has('web2')).toBe(false);
  });

  test('keeps for the next one what came from both at the same moment', async () => {
    const lease = await take([first]);
    host.takeElsewhere('web2');
    const waiting = stateOf(take([first, second], patience()));
    await settle();
    host.giveElsewhere('web2');
    pool.give(lease);
    await settle();
    expect(waiting.got).toBe(lease);
    expect((await take([second])).user).toEqual(second);
    expect(host.leased).toEqual(['web1', 'web2']);
  });
});

describe('a user that was made anew with another number', () => {
  const renumbered = user(1, 71_000);

  test('is leased anew when the old one is idle', async () => {
    pool.give(await take([first]));
    expect((await take([renumbered])).user).toEqual(renumbered);
    expect(host.leased).toEqual(['web1', 'web1']);
  });

  test('is leased anew when the old one is given back, for who waits', async () => {
    const old = await take([first]);
    const waiting = stateOf(take([renumbered], patience()));
    await settle();
    expect(waiting.got).toBeUndefined();
    pool.give(old);
    await settle();
    expect(waiting.got?.user).toEqual(renumbered);
  });

  test('is not taken while the old one runs', async () => {
    await take([first]);
    await expect(take([renumbered])).rejects.toMatchObject({ exitCode: 5 });
  });
});

describe('a pool that is disposed', () => {
  test('gives back every user that is not in use', async () => {
    const leases = [await take([first]), await take([second])];
    for (const lease of leases) pool.give(lease);
    await pool[Symbol.asyncDispose]();
    expect(host.holders.size).toBe(0);
  });

  test('leaves a run that goes on its user, and gives that back afterwards', async () => {
    const [running, idle] = [await take([first]), await take([second])];
    pool.give(idle);
    await pool[Symbol.asyncDispose]();
    expect([...host.holders.keys()]).toEqual(['web1']);
    pool.give(running);
    await settle();
    expect(host.holders.size).toBe(0);
  });

  test('still serves who waits, and gives the user back after the last one', async () => {
    const lease = await take([first]);
    const waiting = [1, 2].map(() => stateOf(take([first], patience())));
    await settle();
    await pool[Symbol.asyncDispose]();
    for (const index of [0, 1]) {
      pool.give(index === 0 ? lease : (waiting[0]?.got as LeasedUser));
      await settle();
      expect(waiting[index]?.got).toBe(lease);
    }
    pool.give(lease);
    await settle();
    expect(host.holders.size).toBe(0);
  });
});
