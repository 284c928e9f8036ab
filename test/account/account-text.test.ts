import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editAccountText, linesByName } from '../../src/model/account-text.ts';

describe('finding entries', () => {
  test('names are whole: web1 is neither web11 nor aweb1', () => {
    const lines = linesByName('web11:x\naweb1:x\nweb1:y\n');
    expect(lines.get('web1')).toEqual(['web1:y']);
  });

  test('an entry behind blanks is found, as glibc finds it', () => {
    expect(linesByName(' \tweb1:x:0\n').get('web1')).toEqual([' \tweb1:x:0']);
  });

  test('comments and blank lines are no entries', () => {
    expect(linesByName('#web1:x\n\n  # web1:x\n').size).toBe(0);
  });
});

describe('editing', () => {
  const cases: readonly [string, string, Record<string, string>, string[], string][] = [
    ['appends', 'a:1\n', { b: 'b:2' }, [], 'a:1\nb:2\n'],
    ['appends to an empty file', '', { b: 'b:2' }, [], 'b:2\n'],
    ['keeps the end off a last line without one', 'a:1', { b: 'b:2' }, [], 'a:1\nb:2'],
    ['replaces in place', 'a:1\nb:1\nc:1\n', { b: 'b:2' }, [], 'a:1\nb:2\nc:1\n'],
    ['makes one of two', 'b:1\na:1\nb:1\n', { b: 'b:2' }, [], 'b:2\na:1\n'],
    ['writes several of one name', 'b:1\na:1\nb:3\n', { b: 'b:2\nb:4' }, [], 'b:2\na:1\nb:4\n'],
    ['removes all of a name', 'b:1\na:1\nb:1\n', {}, ['b'], 'a:1\n'],
    ['removing what is not there does nothing', 'a:1\n', {}, ['b'], 'a:1\n'],
    [
      'puts new entries before NIS lines',
      'a:1\n+::::\n#z\n',
      { b: 'b:2' },
      [],
      'a:1\nb:2\n+::::\n#z\n',
    ],
    ['puts new entries before NIS exclusions', 'a:1\n-bob\n', { b: 'b:2' }, [], 'a:1\nb:2\n-bob\n'],
    ['leaves carriage returns of others', 'a:1\r\nb:1\r\n', { b: 'b:2' }, [], 'a:1\r\nb:2\n'],
  ];
  test.each(cases)('%s', (_title, text, write, remove, wanted) => {
    expect(editAccountText(text, write, remove)).toBe(wanted);
  });
});

describe('properties', () => {
  const ourName = fc.stringMatching(/^jail[1-9]$/);
  const foreignLine = fc.oneof(
    fc.constantFrom(
      '',
      '# jail1:x',
      '+::::::',
      '+@nis',
      '-bob',
      '   ',
      'no colon',
      '\t:x',
      'jail:x',
      'jail12:y\r',
    ),
    fc.string().filter((line) => !/[\n]|^\s*jail[1-9](:|$)/.test(line)),
  );
  const foreignText = fc
    .tuple(fc.array(foreignLine), fc.constantFrom('', '\n'))
    .map(([lines, end]) => lines.join('\n') + end);
  const entries = fc
    .dictionary(ourName, fc.constantFrom(1, 2))
    .map((names) =>
      Object.fromEntries(
        Object.entries(names).map(([name, count]) => [
          name,
          Array(count).fill(`${name}:x`).join('\n'),
        ]),
      ),
    );

  test('creating and then removing restores every byte', () => {
    fc.assert(
      fc.property(foreignText, entries, (text, write) => {
        const created = editAccountText(text, write, []);
        expect(editAccountText(created, {}, Object.keys(write))).toBe(text);
      }),
    );
  });

  test('foreign lines survive any edit, in their order', () => {
    fc.assert(
      fc.property(foreignText, entries, entries, fc.array(ourName), (text, first, then, gone) => {
        const remove = gone.filter((name) => !(name in then));
        const edited = editAccountText(editAccountText(text, first, []), then, remove);
        const rest = edited.split('\n').filter((line) => !/^jail[1-9]:/.test(line));
        expect(rest.join('\n')).toBe(text);
      }),
    );
  });

  test('what was written is found, and an edit again changes nothing', () => {
    fc.assert(
      fc.property(foreignText, entries, (text, write) => {
        const edited = editAccountText(text, write, []);
        const lines = linesByName(edited);
        for (const [name, entry] of Object.entries(write)) {
          expect(lines.get(name)?.join('\n')).toBe(entry);
        }
        expect(editAccountText(edited, write, [])).toBe(edited);
      }),
    );
  });
});
