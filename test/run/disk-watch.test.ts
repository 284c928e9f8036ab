import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DiskWatch, treeBytes } from '../../src/host/run/disk-watch.ts';

const mib = 2 ** 20;
const unlimited = Number.POSITIVE_INFINITY;

let home: string;
beforeEach(() => {
  home = mkdtempSync(`${tmpdir()}/home-`);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const shell = (script: string) => execFileSync('sh', ['-ec', script], { cwd: home });
/** Of what the script makes, without the home itself. */
const bytesOf = async (script: string) => {
  const empty = await treeBytes(home, unlimited);
  shell(script);
  return (await treeBytes(home, unlimited)) - empty;
};

describe('the space that a home takes', () => {
  test.each([
    ['a file', 'head -c 1M /dev/zero >f', 256],
    ['an empty file, which takes an inode', ': >f', 1],
    ['a small file', 'echo x >f', 1],
    ['a sparse file, which takes no space', 'truncate -s 10G f', 1],
    ['a file with many names, once', 'head -c 1M /dev/zero >f; ln f g; mkdir d; ln f d/h', 257],
    ['a link to something large outside', 'ln -s /usr u; ln -s /usr/bin/find f', 2],
    ['a FIFO, which nobody opens', 'mkfifo f', 1],
    ['names that look like an answer', 'touch "x\n999999999 1 1" "\n9999999 2 7\n"', 2],
    ['what is deep below', 'mkdir -p a/b/c; head -c 8K /dev/zero >a/b/c/f', 5],
  ])('counts %s', async (_, script, pages) => {
    expect(await bytesOf(script)).toBe(pages * 4096);
  });

  test('is counted no further than it must be', async () => {
    shell('for n in $(seq 64); do head -c 64K /dev/zero >$n; done');
    const bytes = await treeBytes(home, mib);
    expect(bytes).toBeGreaterThan(mib);
  });

  test('is found in a directory that changes at the same time', async () => {
    const script = 'while :; do mkdir -p a/b/c; : >a/b/c/f; rm -rf a; done';
    const child = spawn('sh', ['-c', script], { cwd: home, detached: true, stdio: 'ignore' });
    try {
      for (let looks = 0; looks < 20; looks++) {
        expect(await treeBytes(home, unlimited)).toBeLessThan(mib);
      }
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    }
  });
});

describe('a watch', () => {
  test('ends the run once, when the home has grown too large', async () => {
    const onOver = vi.fn();
    const watch = new DiskWatch(home, mib, onOver);
    watch.start();
    await expect.poll(() => watch.bytesSeen).toBeGreaterThan(0);
    expect(onOver).not.toHaveBeenCalled();
    shell('head -c 2M /dev/zero >f');
    await expect.poll(() => onOver.mock.calls.length).toBe(1);
    await watch.finish();
    expect(watch.bytesSeen).toBeGreaterThan(mib);
    expect(onOver).toHaveBeenCalledOnce();
  });

  test('looks once more at the end, whatever the program did in between', async () => {
    const onOver = vi.fn();
    const watch = new DiskWatch(home, mib, onOver);
    watch.start();
    await expect.poll(() => watch.bytesSeen).toBeGreaterThan(0);
    shell('head -c 2M /dev/zero >f');
    await watch.finish();
    expect(watch.bytesSeen).toBeGreaterThan(mib);
  });
});
