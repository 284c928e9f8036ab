import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { jails, load, withoutPlaces } from './loading.ts';

const jailText = fc.record({
  users: fc.nat(5),
  requirements: fc.subarray(['list.txt', 'other.txt']),
  tools: fc.subarray(['ls', 'cat', '?nano', '/usr/share']),
  network: fc.constantFrom('none', 'host', { allow: [{ to: '10.0.0.1/8' }, { to: '::1' }] }),
  env: fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.string({ maxLength: 5 })),
  limits: fc.constantFrom({}, { processes: 1 }, { memory: '1GiB', cpus: 0.5 }),
  protect: fc.boolean(),
  engine: fc.constantFrom('crun', 'runc', 'runsc'),
  home: fc.constantFrom('keep', 'fresh'),
  optional: fc.subarray(['seccomp', 'memory', 'disk']),
});

describe('every manifest', () => {
  const files = { 'list.txt': 'ls\nbash\n', 'other.txt': '?ls\n' };

  test('means the same whatever the order of its jails is', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c-d', 'e_f', 'zz'), { minLength: 2 });
    const property = fc.property(names, fc.infiniteStream(jailText), (chosen, stream) => {
      const entries = chosen.map((name) => [name, stream.next().value] as const);
      const written = (order: typeof entries) =>
        JSON.stringify({ version: 1, jails: Object.fromEntries(order) });
      const straight = load(written(entries), files);
      const reversed = load(written(entries.toReversed()), files);
      expect(straight.jails).toHaveLength(chosen.length);
      expect(withoutPlaces(reversed)).toEqual(withoutPlaces(straight));
    });
    fc.assert(property, { numRuns: 50 });
  });

  const example = jails(`  web:
    users: 2
    requirements: [list.txt]
    tools: &t [ls, "?cat", 'package:bash']
    limits: { processes: 1, memory: 64MiB, cpus: 0.5 }
    home: fresh
    optional: [seccomp]
    network: { allow: [{ to: 10.0.0.5, port: 80-90 }] }
  db: { users: 1, tools: *t }
`);

  /** Loads whatever text, and checks that each place in its diagnostics is in that text. */
  function loadAnything(text: string): void {
    const result = loadManifest('jails.yaml', (path) => (path === 'jails.yaml' ? text : 'ls\n'));
    if (result.ok) return;
    expect(result.diagnostics.length).toBeGreaterThan(0);
    for (const { message, at } of result.diagnostics) {
      expect(message).not.toBe('');
      expect(text.split('\n')[(at?.line ?? 0) - 1]?.replace(/\r$/, '')).toBe(at?.text);
    }
    const keys = result.diagnostics.map((diagnostic) => JSON.stringify(diagnostic));
    expect(new Set(keys).size).toBe(keys.length);
  }

  test('is answered with located errors, never with a crash, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), loadAnything));
    const bits = [
      'a',
      ': ',
      '- ',
      '\n',
      ' ',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '&a ',
      '*a',
      '<<',
      '!!x ',
    ];
    const more = [
      '"',
      "'",
      '#',
      '|',
      '>',
      '---\n',
      '? ',
      '1',
      '~',
      '%',
      '\t',
      'jails',
      'version: 1\n',
    ];
    const soup = fc.array(fc.constantFrom(...bits, ...more), { maxLength: 40 });
    fc.assert(
      fc.property(soup, (parts) => loadAnything(parts.join(''))),
      { numRuns: 400 },
    );
  });

  test('is answered with located errors, never with a crash, when it was damaged', () => {
    const junk = fc.oneof(
      fc.constantFrom('\t', ':', '[', '"', '*', '&x ', '\n', '~', '{}'),
      fc.string(),
    );
    const place = fc.nat(example.length);
    const damage = fc.array(fc.tuple(place, fc.nat(20), junk), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(damage, (cuts) => {
        loadAnything(
          cuts.reduce(
            (text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length),
            example,
          ),
        );
      }),
      { numRuns: 400 },
    );
  });
});
