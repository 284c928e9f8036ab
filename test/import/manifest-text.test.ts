import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FoundJail } from '../../src/import/found.ts';
import { draftManifest } from '../../src/import/manifest-text.ts';
import { choosePool } from '../../src/import/pool.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { allowedUids, defaultUids } from '../../src/manifest/uids.ts';
import type { Manifest } from '../../src/model/manifest.ts';

function load(text: string): Manifest {
  const loaded = loadManifest('draft', () => text);
  if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.diagnostics)}\n${text}`);
  return loaded.value;
}

const plain: FoundJail = {
  name: 'jail',
  path: '/jail',
  users: [],
  others: [],
  network: { mode: 'none', notes: [] },
  login: 'none',
  tools: { entries: [], notes: [] },
  notes: [],
};

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('yes', 'null', '~', '1', '0x1f', '1e3', '- a', 'a: b', 'a #b', "it's", '"', '{}'),
  fc.constantFrom(
    '\n',
    'a\nb: c',
    '\u2028',
    '\r\n  - x',
    '\t',
    '%',
    '@',
    '*a',
    '&a',
    '!b',
    '|',
    '>',
  ),
);
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,33}$/),
  fc.constantFrom('jail', 'jail2', 'jail2x', 'root', 'no', 'on', 'y', 'null', 'Web', 'web.1', ''),
  odd,
);
const path = fc.oneof(
  name.map((one) => `/${one}`),
  name.map((one) => `/srv/${one}`),
  fc.constantFrom('/etc', '/usr/lib', '/', '/tmp/x', '/jail/inner', '/jail', '/a//b', '/a/../b'),
);
const users = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });
/** What the tools are made of has passed the rule for an entry: paths may still look like YAML. */
const entry = fc.constantFrom(
  ...['ls', 'yes', 'true', '[', 'python3', 'jailkit:basicshell', 'package:libc6:amd64'],
  ...['/usr/bin/[', '/opt/a b', '/opt/it is #1', '/opt/a: b', '/opt/{x}', '/opt/ä', '/opt/"q"'],
);
const jail = fc.record({
  name,
  path,
  users: users.map((numbers) =>
    numbers
      .sort((a, b) => a - b)
      .map((number) => ({
        ...{ name: `x${number}`, number, uid: 1000 + number, gid: 1000 + number },
        ...{ home: '/x', shell: '' },
      })),
  ),
  others: fc.constant([]),
  network: fc.record({ mode: fc.constantFrom('none', 'host'), notes: fc.array(odd) }),
  login: fc.constantFrom('none', 'chroot'),
  tools: fc.record({ entries: fc.uniqueArray(entry), notes: fc.array(odd) }),
  notes: fc.array(odd),
});

describe('the manifest of what was found', () => {
  test('loads, whatever the host has, and has or tells of every jail', () => {
    let written = 0;
    fc.assert(
      fc.property(fc.array(jail, { maxLength: 4 }), fc.array(odd), (jails, owned) => {
        const draft = draftManifest({ jails: jails as FoundJail[], pool: defaultUids, owned });
        const manifest = load(draft.text);
        const byName = new Map(manifest.jails.map((one) => [one.name, one]));
        expect(manifest.jails.length).toBe(draft.jails.length);
        expect(draft.jails.length + draft.leftOut.length).toBe(jails.length);
        for (const found of draft.jails) {
          const highest = Math.max(0, ...found.users.map(({ number }) => number));
          expect(byName.get(found.name)).toMatchObject({
            path: found.path,
            users: highest,
            network: { mode: found.network.mode },
          });
          const entries = byName.get(found.name)?.tools.map((tool) => tool.entry);
          expect(entries).toEqual(found.tools.entries);
          written += 1;
        }
        for (const { why } of draft.leftOut) expect(why.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
    expect(written).toBeGreaterThan(50);
  });

  test('leaves out the second of two jails whose users would have the same names', () => {
    const user = (number: number) => ({
      ...{ name: `jail${number}`, number, uid: 1000 + number, gid: 1000 + number },
      ...{ home: '/jail', shell: '' },
    });
    const jails = [
      { ...plain, users: [user(1), user(2)] },
      { ...plain, name: 'jail2', path: '/jail2' },
      { ...plain, name: 'jail2x', path: '/jail2x' },
    ];
    const draft = draftManifest({ jails, pool: defaultUids, owned: [] });
    expect(draft.jails.map((one) => one.name)).toEqual(['jail', 'jail2x']);
    expect(draft.text).toContain("# Not here: /jail2, for a manifest can't have it as it is:");
  });

  test('leaves out a second jail of the same name', () => {
    const jails = [plain, { ...plain, path: '/srv/jail' }];
    const draft = draftManifest({ jails, pool: defaultUids, owned: [] });
    expect(draft.leftOut).toMatchObject([{ jail: { path: '/srv/jail' } }]);
    expect(load(draft.text).jails).toHaveLength(1);
  });
});

describe('the pool of a manifest that was made of what was found', () => {
  const id = fc.integer({ min: allowedUids.first - 100, max: allowedUids.last + 100 });

  test('is the usual one where users have ordinary UIDs', () => {
    expect(choosePool([1001, 1002], [0, 1, 1000])).toEqual(defaultUids);
  });

  test('grows to hold users whose UIDs a pool may hold', () => {
    expect(choosePool([69_000, 95_000], [])).toEqual({ first: 69_000, last: 95_000 });
  });

  test('leaves users out rather than to hold anybody else', () => {
    expect(choosePool([95_000], [94_000])).toEqual(defaultUids);
    expect(choosePool([], [70_000])).toEqual({ first: 70_001, last: 99_999 });
    expect(choosePool([66_000], [70_000])).toEqual({ first: 65_536, last: 69_999 });
  });

  test('lies where a pool may lie, and holds nobody else', () => {
    fc.assert(
      fc.property(fc.array(id), fc.array(id, { maxLength: 40 }), (found, foreign) => {
        const pool = choosePool(found, foreign);
        expect(pool.first).toBeGreaterThanOrEqual(allowedUids.first);
        expect(pool.last).toBeLessThanOrEqual(allowedUids.last);
        expect(pool.last - pool.first).toBeGreaterThanOrEqual(99);
        expect(foreign.filter((one) => one >= pool.first && one <= pool.last)).toEqual([]);
      }),
    );
  });
});
