import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';
import { Attributes, type Looked } from '../../src/kinds/tree/attributes.ts';

let directory: string;
let asked: string[];
let attributes: Attributes;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'attributes-'));
  asked = [];
  attributes = new Attributes({
    ...hostReader,
    query: (argv) => {
      asked.push(...argv.slice(argv.indexOf('--') + 1).map((path) => path.slice(-3)));
      return hostReader.query(argv);
    },
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

function look(name: string): Looked {
  const path = join(directory, name);
  const stat = hostReader.lstat(path);
  if (stat === undefined) throw new Error(`${name} is not there`);
  return { path, stat };
}

function set(name: string, attribute: string): void {
  const argv = ['setfattr', '--name', attribute, '--value', 'x', '--'] as const;
  const { status, stderr } = hostReader.query([...argv, join(directory, name)]);
  expect([status, stderr]).toEqual([0, '']);
}

test('each path gets its own, and what has one inode is asked for once', () => {
  for (const name of ['one', 'two', 'six']) writeFileSync(join(directory, name), '');
  set('one', 'user.one');
  linkSync(join(directory, 'one'), join(directory, 'ten'));
  expect(attributes.of([look('one'), look('two')])).toEqual([['user.one'], []]);
  expect(attributes.of([look('six'), look('ten')])).toEqual([[], ['user.one']]);
  expect(asked).toEqual(['one', 'two', 'six']);
  expect(attributes.of([look('ten')])).toEqual([['user.one']]);
  expect(attributes.of([])).toEqual([]);
  expect(asked).toEqual(['one', 'two', 'six']);
});

test('an inode whose number is not exact tells nothing of another path', () => {
  for (const name of ['one', 'two']) writeFileSync(join(directory, name), '');
  set('one', 'user.one');
  const vague = (name: string): Looked => {
    const { path, stat } = look(name);
    return { path, stat: { ...stat, links: 2, inode: 2 ** 63 } };
  };
  expect(attributes.of([vague('one')])).toEqual([['user.one']]);
  expect(attributes.of([vague('two')])).toEqual([[]]);
});
