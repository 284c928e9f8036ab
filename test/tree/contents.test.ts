import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';
import { Contents } from '../../src/kinds/tree/contents.ts';
import type { Stat } from '../../src/model/reader.ts';

let directory: string;
let read: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'contents-'));
  read = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);

function observation(): Contents {
  const isSame = (path: string, other: string) => {
    read.push(path);
    return hostReader.isSame(path, other);
  };
  return new Contents({ ...hostReader, isSame });
}

function stat(name: string): Stat {
  const found = hostReader.lstat(at(name));
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
}

function write(content: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(content)) writeFileSync(at(name), text);
}

test('what has one inode is read once for each source', () => {
  write({ one: 'one', source: 'one', another: 'two' });
  linkSync(at('one'), at('two'));
  const contents = observation();
  expect(contents.isSame(at('one'), stat('one'), at('source'))).toBe(true);
  expect(contents.isSame(at('two'), stat('two'), at('source'))).toBe(true);
  expect(read).toEqual([at('one')]);
  expect(contents.isSame(at('two'), stat('two'), at('another'))).toBe(false);
  expect(read).toEqual([at('one'), at('two')]);
});

test('another file of the same size is read for itself', () => {
  write({ one: 'one', two: 'two', source: 'one' });
  linkSync(at('one'), at('one-more'));
  linkSync(at('two'), at('two-more'));
  const contents = observation();
  expect(contents.isSame(at('one'), stat('one'), at('source'))).toBe(true);
  expect(contents.isSame(at('two'), stat('two'), at('source'))).toBe(false);
});

test('an inode whose number is not exact tells nothing of another path', () => {
  write({ one: 'one', two: 'two', source: 'one' });
  const vague = { ...stat('one'), links: 2, inode: 2 ** 63 };
  const contents = observation();
  expect(contents.isSame(at('one'), vague, at('source'))).toBe(true);
  expect(contents.isSame(at('two'), vague, at('source'))).toBe(false);
});

test('the next observation reads anew', () => {
  write({ one: 'one', source: 'one' });
  expect(observation().isSame(at('one'), stat('one'), at('source'))).toBe(true);
  write({ one: 'two' });
  expect(observation().isSame(at('one'), stat('one'), at('source'))).toBe(false);
});
