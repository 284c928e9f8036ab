import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';
import { commandText } from '../../src/model/shell-text.ts';

test('a command that is shown means to a shell what it should', () => {
  const word = fc.string({ unit: 'binary', minLength: 0, maxLength: 8 });
  // A shell can hold neither of these in a word that is UTF-8.
  const sayable = word.filter((text) => !text.includes('\0') && text.isWellFormed());
  fc.assert(
    fc.property(fc.array(sayable, { minLength: 1, maxLength: 4 }), (words) => {
      const command = commandText(['printf', '%s\\0', ...words]);
      const { stdout } = hostReader.query(['sh', '-c', command]);
      expect(stdout.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
  expect(commandText(['find', '/', '-xdev', '-uid', 70003])).toBe('find / -xdev -uid 70003');
});
