import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';
import { nameXattrs, readXattrs } from '../../src/kinds/xattrs.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'xattrs-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.for([
  ['plain', 'other'],
  ['a backslash', 'a\\040b'],
  ['a line break', 'a\nb\rc'],
  ['a tab and a dollar', 'a\tb$&$1'],
  ['no ASCII', 'ä€'],
])('the answer for one name is read as that for another: %s', ([, name = '']) => {
  const [one, two] = [join(directory, 'one'), join(directory, name)];
  for (const path of [one, two]) {
    writeFileSync(path, '');
    const set = ['setfattr', '--name', 'user.x', '--value', 'y', '--', path] as const;
    expect(hostReader.query(set).status).toBe(0);
  }
  const known = new Map([[two, ['user.x']]]);
  expect(readXattrs(hostReader, [two])).toEqual(known);
  const argv = ['getfattr', '--absolute-names', '--match=-', '--', one] as const;
  const { stdout } = hostReader.query(argv);
  const renamed = { status: 0, stdout: nameXattrs(stdout, two), stderr: '' };
  expect(readXattrs({ ...hostReader, query: () => renamed }, [two])).toEqual(known);
});
