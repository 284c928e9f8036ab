import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic, Location } from '../../src/model/diagnostic.ts';
import { formatDiagnostics } from '../../src/report/diagnostics.ts';

/** The place of `meant` in a line. */
function place(text: string, meant: string, line = 7, file = 'jails.yaml'): Location {
  return { file, line, column: text.indexOf(meant) + 1, length: meant.length, text };
}

function show(at: Location | undefined, hint?: string): string {
  const diagnostic: Diagnostic = {
    code: 'test',
    message: 'users is wrong',
    ...(hint !== undefined && { hint }),
    ...(at !== undefined && { at }),
  };
  return formatDiagnostics([diagnostic], { color: false });
}

/** The line as shown and what is right above its underline. */
function underlined(output: string): string {
  const [line = '', marks = ''] = output.split('\n').filter((row) => /^ *\d* \|/.test(row));
  return line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1);
}

describe('diagnostics as text', () => {
  test('have the place, the message, the line, an underline and a hint', () => {
    expect(show(place('    users: two', 'two'), 'write 2')).toBe(
      [
        'jails.yaml:7:12: users is wrong',
        '    7 |     users: two',
        '      |            ^^^',
        '  hint: write 2',
        '',
        '1 error in jails.yaml',
        '',
      ].join('\n'),
    );
  });

  test('are nothing where there are none', () => {
    expect(formatDiagnostics([], { color: true })).toBe('');
  });

  test('can be about no place', () => {
    expect(show(undefined)).toBe('error: users is wrong\n\n1 error\n');
  });

  test('name the files that they are in', () => {
    const inFiles = (...files: string[]) =>
      formatDiagnostics(
        files.map((file) => ({ code: 'x', message: 'wrong', at: place('a: b', 'b', 1, file) })),
        { color: false },
      );
    expect(inFiles('a', 'a', 'b')).toMatch(/\n3 errors in a and b\n$/);
    expect(inFiles('a', 'b', 'c', 'd')).toMatch(/\n4 errors in 4 files\n$/);
  });

  test('are cut off after 50, and the rest is counted', () => {
    const many = Array.from({ length: 60 }, () => ({ code: 'x', message: 'wrong' }));
    const output = formatDiagnostics(many, { color: false });
    expect(output.match(/wrong/g)).toHaveLength(50);
    expect(output).toMatch(/60 errors, of which 10 are not shown\n$/);
  });

  test('show tabs as spaces and underline what is meant', () => {
    expect(underlined(show(place('\tusers:\ttwo', 'two')))).toBe('two');
  });

  test('count two columns for wide characters and none for combining ones', () => {
    const [line, marks = ''] = show(place('世界 e\u0301: two', 'two')).split('\n').slice(1);
    expect(line).toBe('    7 | 世界 e\u0301: two');
    const columnsBefore = 2 + 2 + ' e: '.length;
    expect(marks).toBe(`      | ${' '.repeat(columnsBefore)}^^^`);
  });

  test('cut long lines around the place', () => {
    const text = `${'left '.repeat(1000)}two${' right'.repeat(1000)}`;
    const output = show(place(text, 'two'));
    expect(underlined(output)).toBe('two');
    expect(output.split('\n')[1]).toMatch(/^ {4}7 \| ….*two.*…$/);
    expect(output.split('\n')[1]?.length).toBeLessThanOrEqual(91);
  });

  test('keep the whole line where it fits', () => {
    const text = `${'x'.repeat(40)}two${'y'.repeat(37)}`;
    expect(show(place(text, 'two'))).toContain(`| ${text}\n`);
  });

  test('let nothing through that could steer the terminal, in any part', () => {
    const hostile = fc.string({ unit: 'binary' }).map((text) => `${text}\x1b[2J\x9b1m\u202e\r`);
    const property = fc.property(hostile, hostile, fc.nat(20), fc.nat(20), (a, b, from, length) => {
      const at = { file: a, line: 1, column: from + 1, length: length + 1, text: b };
      const list = [{ code: 'x', message: a, hint: b, at }];
      const output = formatDiagnostics(list, { color: false });
      expect(output).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u);
    });
    fc.assert(property);
  });

  test('have colour only where it is asked for', () => {
    const list = [{ code: 'x', message: 'wrong', hint: 'mend', at: place('a: b', 'b') }];
    const plain = formatDiagnostics(list, { color: false });
    const colored = formatDiagnostics(list, { color: true });
    expect(colored).not.toBe(plain);
    expect(stripVTControlCharacters(colored)).toBe(plain);
    expect(stripVTControlCharacters(plain)).toBe(plain);
  });
});
