import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runSilentTool } from '../../src/host/tool.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'silent-tool-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A program, by its path. */
function program(text: string): string {
  const path = join(directory, 'program');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test('a program that works says nothing', async () => {
  const path = program('#!/bin/sh\necho said; echo warned >&2\n');
  await expect(runSilentTool([path, 'a'])).resolves.toBeUndefined();
});

test.for([
  ['what it complained of', 'echo one >&2; echo two >&2; exit 3', 'one; two'],
  ['its exit code, when it complained of nothing', 'exit 3', 'it ended with 3'],
  ['its signal', 'kill -s KILL $$', 'it ended with SIGKILL'],
])('a program that fails is told by %s', async ([, lines, why]) => {
  const path = program(`#!/bin/sh\n${lines}\n`);
  await expect(runSilentTool([path, 'a', 'b', 'c'])).rejects.toThrow(`${path} a b failed: ${why}`);
});

test('a program that can not be started is told with the reason', async () => {
  const path = program('#!/nowhere/sh\n');
  await expect(runSilentTool([path])).rejects.toThrow(`${path} failed: spawn ${path} ENOENT`);
});

test('a command that the host has not is told at once', () => {
  expect(() => runSilentTool(['no-such-command'])).toThrow('the host has no no-such-command');
});
