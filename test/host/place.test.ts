import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyFile, writeFile } from '../../src/host/place.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'place-'));
  mkdirSync(join(directory, 'tools'));
  writeFileSync(join(directory, 'tools/tool'), 'tool', { mode: 0o644 });
});

afterEach(() => rmSync(directory, { recursive: true }));

function step() {
  const from = join(directory, 'tools/tool');
  const { size, mtimeMs, ctimeMs } = statSync(from);
  return {
    op: 'copyFile',
    from,
    to: { path: join(directory, 'copy'), temporary: join(directory, 'new') },
    mode: 0o755,
    sizeBytes: size,
    mtimeSeconds: Math.floor(mtimeMs / 1000),
    ctimeMs,
  } as const;
}

describe('a file that is copied', () => {
  test('appears with its content, mode and time', () => {
    const planned = step();
    copyFile(planned);
    const copy = statSync(planned.to.path);
    expect(readFileSync(planned.to.path, 'utf8')).toBe('tool');
    expect([copy.mode & 0o7777, copy.uid]).toEqual([0o755, 0]);
    expect(Math.floor(copy.mtimeMs / 1000)).toBe(planned.mtimeSeconds);
    expect(existsSync(planned.to.temporary)).toBe(false);
  });

  test('is refused when it is a symlink by now', () => {
    const planned = step();
    writeFileSync(join(directory, 'other'), 'evil');
    rmSync(planned.from);
    symlinkSync(join(directory, 'other'), planned.from);
    expect(() => copyFile(planned)).toThrow('ELOOP');
    expect(existsSync(planned.to.path)).toBe(false);
  });

  test('is refused when a directory on the way was swapped for one that leads to a secret', () => {
    const planned = step();
    mkdirSync(join(directory, 'secrets'));
    writeFileSync(join(directory, 'secrets/tool'), 'hash', { mode: 0o600 });
    renameSync(join(directory, 'tools'), join(directory, 'old'));
    symlinkSync(join(directory, 'secrets'), join(directory, 'tools'));
    expect(() => copyFile(planned)).toThrow('changed since the plan');
    // Readable by everybody, and with the same size and time: it is another file all the same.
    chmodSync(join(directory, 'secrets/tool'), 0o644);
    utimesSync(join(directory, 'secrets/tool'), planned.mtimeSeconds, planned.mtimeSeconds);
    expect(() => copyFile(planned)).toThrow('changed since the plan');
    expect(existsSync(planned.to.path)).toBe(false);
  });

  test('is refused when it has another size or time', () => {
    const planned = step();
    expect(() => copyFile({ ...planned, sizeBytes: 5 })).toThrow('changed since the plan');
    expect(() => copyFile({ ...planned, mtimeSeconds: 1 })).toThrow('changed since the plan');
    expect(existsSync(planned.to.path)).toBe(false);
  });
});

describe("a file of somebody else's that is written", () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const write = (expected: string) => {
    const to = { path: join(directory, 'tools/tool'), temporary: join(directory, 'new') };
    writeFile({
      op: 'writeFile',
      to,
      base64: base64('new'),
      mode: 0o755,
      expected: base64(expected),
    });
    return to;
  };

  test('is replaced when it is as the plan saw it', () => {
    const { path } = write('tool');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o7777).toBe(0o755);
  });

  test.for(['tool ', 'too', ''])('stays when the plan saw %j', (seen) => {
    expect(() => write(seen)).toThrow('changed since the plan was made');
    expect(readFileSync(join(directory, 'tools/tool'), 'utf8')).toBe('tool');
    expect(existsSync(join(directory, 'new'))).toBe(false);
  });
});
