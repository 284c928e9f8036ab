import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseUids, type UidRequest } from '../../src/desired/uids.ts';
import { type Jails, settingsOf } from './model-host.ts';

const poolAt = { file: 'jails.yaml', line: 3, column: 7, length: 11, text: 'uids: 70000-70009' };

function request(changes: Partial<UidRequest>): UidRequest {
  return {
    jails: [],
    pool: { first: 70000, last: 70009 },
    poolAt,
    recorded: [],
    accounts: [],
    foreign: [],
    nextUid: undefined,
    running: () => new Set(),
    ...changes,
  };
}

function chosen(changes: Partial<UidRequest>) {
  const result = chooseUids(request(changes));
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  const users: Record<string, number[]> = {};
  for (const [jail, list] of result.value.users) users[jail] = list.map(({ uid }) => uid);
  return { users, nextUid: result.value.nextUid };
}

/** The names of those whose UID somebody may have had. */
function recycled(changes: Partial<UidRequest>): readonly string[] {
  const result = chooseUids(request(changes));
  if (!result.ok) throw new Error('no UIDs');
  return result.value.recycled.map(({ name }) => name);
}

function codes(changes: Partial<UidRequest>) {
  const result = chooseUids(request(changes));
  return result.ok ? [] : result.diagnostics.map(({ code }) => code);
}

const recorded = (jails: Jails) => settingsOf(jails);

describe('new users', () => {
  test('count upward from the start of the pool, by jail name and number', () => {
    const jails = [
      { name: 'web', users: 2 },
      { name: 'db', users: 1 },
    ];
    expect(chosen({ jails })).toEqual({
      users: { db: [70000], web: [70001, 70002] },
      nextUid: 70003,
    });
  });

  test('go on behind those given before, even when their users are gone', () => {
    expect(chosen({ jails: [{ name: 'web', users: 1 }], nextUid: 70005 })).toEqual({
      users: { web: [70005] },
      nextUid: 70006,
    });
  });

  test('go on behind the known users when the note of the next UID is lost', () => {
    const jails = [{ name: 'web', users: 2 }];
    expect(chosen({ jails, recorded: recorded({ db: { db1: 70003 } }) }).users).toEqual({
      web: [70004, 70005],
    });
  });

  test('take the lowest free UID once the end of the pool is reached', () => {
    const jails = [{ name: 'web', users: 3 }];
    const held = recorded({ db: { db1: 70000, db2: 70002 } });
    expect(chosen({ jails, recorded: held, nextUid: 70009 })).toEqual({
      users: { web: [70009, 70001, 70003] },
      nextUid: 70010,
    });
    // That 70001 and 70003 are given again is said, and nothing is said of the others.
    expect(recycled({ jails, recorded: held, nextUid: 70009 })).toEqual(['web2', 'web3']);
    expect(recycled({ jails: [{ name: 'db', users: 2 }], recorded: held, nextUid: 70010 })).toEqual(
      [],
    );
  });

  test('do not get one again under which something runs', () => {
    const jails = [{ name: 'web', users: 2 }];
    const held = recorded({ db: { db1: 70000, db2: 70002 } });
    const running = () => new Set([0, 70000, 70001, 70004]);
    expect(chosen({ jails, recorded: held, nextUid: 70010, running }).users).toEqual({
      web: [70003, 70005],
    });
  });

  test('get a UID that nobody had without a look at what runs', () => {
    const running = () => {
      throw new Error('it looks');
    };
    expect(chosen({ jails: [{ name: 'web', users: 10 }], running }).nextUid).toBe(70010);
  });

  test('never get a UID that a jail outside the manifest still has', () => {
    const jails = [{ name: 'web', users: 1 }];
    const held = recorded({ old: { old1: 70000 } });
    expect(chosen({ jails, recorded: held, nextUid: 70000 }).users).toEqual({ web: [70001] });
  });

  test('start at the beginning of a pool that was moved', () => {
    const jails = [{ name: 'web', users: 1 }];
    expect(chosen({ jails, nextUid: 60000 }).users).toEqual({ web: [70000] });
    expect(chosen({ jails, nextUid: 80000 }).users).toEqual({ web: [70000] });
  });
});

describe('users who have a UID', () => {
  test('keep it when users are added and other jails come', () => {
    const jails = [
      { name: 'a', users: 1 },
      { name: 'web', users: 3 },
    ];
    const held = recorded({ web: { web1: 70004, web2: 70001 } });
    expect(chosen({ jails, recorded: held, nextUid: 70005 }).users).toEqual({
      a: [70005],
      web: [70004, 70001, 70006],
    });
  });

  test('keep it outside a pool that was moved', () => {
    const jails = [{ name: 'web', users: 2 }];
    const held = recorded({ web: { web1: 65000 } });
    expect(chosen({ jails, recorded: held }).users).toEqual({ web: [65000, 70000] });
  });

  test('keep it when no marker knows them and their account does', () => {
    const accounts = [{ name: 'web1', uid: 70007, jail: 'web' }];
    expect(chosen({ jails: [{ name: 'web', users: 1 }], accounts }).users).toEqual({
      web: [70007],
    });
  });

  test('of another jail with the same user name do not lend it', () => {
    const jails = [{ name: 'a1', users: 1 }];
    const held = recorded({ a: { a11: 70003 } });
    expect(chosen({ jails, recorded: held, nextUid: 70004 }).users).toEqual({ a1: [70004] });
  });
});

describe('a pool that can not be used', () => {
  test('is refused when foreign accounts or groups are in it, with their names', () => {
    const foreign = [
      { type: 'account', name: 'bob', id: 70003, description: '' },
      { type: 'group', name: 'staff', id: 70009, description: '' },
      { type: 'account', name: 'eve', id: 70010, description: '' },
    ] as const;
    const result = chooseUids(request({ foreign }));
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: 'pool-overlaps',
          at: poolAt,
          message:
            'the pool 70000-70009 holds the account bob (70003), the group staff (70009), not made by jailctl',
        },
      ],
    });
  });

  test('is refused when it has too few UIDs, with their number', () => {
    const result = chooseUids(request({ jails: [{ name: 'web', users: 12 }] }));
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: 'pool-exhausted',
          at: poolAt,
          message: 'the pool 70000-70009 has no UID left for 2 of the jail users',
          hint: 'make the pool larger: uids: FIRST-LAST',
        },
      ],
    });
    expect(codes({ jails: [{ name: 'web', users: 10 }] })).toEqual([]);
  });

  test('is refused when something runs under the last UIDs, and says so', () => {
    const jails = [{ name: 'web', users: 10 }];
    const running = () => new Set([1000, 70001, 70002]);
    const result = chooseUids(request({ jails, nextUid: 70010, running }));
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [
        {
          message: 'the pool 70000-70009 has no UID left for 2 of the jail users',
          hint: 'make the pool larger: uids: FIRST-LAST; or end what still runs under 2 UIDs that had a user before: jailctl doctor shows it',
        },
      ],
    });
  });
});

test('the order of the jails changes nothing, no UID is given twice, and all are in the pool', () => {
  const jails = fc.uniqueArray(
    fc.record({ name: fc.stringMatching(/^[a-c]{1,2}$/), users: fc.integer({ min: 0, max: 3 }) }),
    { selector: (jail) => jail.name, maxLength: 8 },
  );
  const pool = { first: 70000, last: 70099 };
  fc.assert(
    fc.property(jails, fc.integer({ min: 69990, max: 70110 }), (list, nextUid) => {
      const first = chosen({ jails: list, pool, nextUid });
      expect(chosen({ jails: list.toReversed(), pool, nextUid })).toEqual(first);
      const uids = Object.values(first.users).flat();
      expect(new Set(uids).size).toBe(uids.length);
      for (const uid of uids) expect(uid >= pool.first && uid <= pool.last).toBe(true);
    }),
  );
});
