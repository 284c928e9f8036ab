import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';

const directory = mkdtempSync(`${tmpdir()}/jailctl-content-`);
afterAll(() => rmSync(directory, { recursive: true }));

/** Longer than the blocks that files are read in. */
const long = Buffer.alloc((1 << 20) + 7, 'jail');
const other = Buffer.from(long);
other[other.length - 1] = 0;

function file(name: string, content: Buffer | string): string {
  writeFileSync(`${directory}/${name}`, content);
  return `${directory}/${name}`;
}

describe('the content of two files', () => {
  test.each([
    ['is the same when every byte is', long, Buffer.from(long), true],
    ['differs by its last byte', long, other, false],
    ['differs when one ends before the other', long, long.subarray(0, 1 << 20), false],
    ['is the same when there is none', '', '', true],
    ['differs when one has none', '', 'x', false],
  ])('%s', (_, one, another, same) => {
    const [path, otherPath] = [file('one', one), file('other', another)];
    expect(hostReader.isSame(path, otherPath)).toBe(same);
    expect(hostReader.isSame(otherPath, path)).toBe(same);
    expect(hostReader.digest(path) === hostReader.digest(otherPath)).toBe(same);
  });

  test('is not read through a symlink', () => {
    const path = file('one', 'x');
    symlinkSync(path, `${directory}/link`);
    expect(() => hostReader.isSame(path, `${directory}/link`)).toThrow(/can't read .*link/);
  });

  test('of a file that is gone is an error, not a difference', () => {
    const path = file('one', 'x');
    expect(() => hostReader.isSame(path, `${directory}/none`)).toThrow(/vanished/);
  });
});
