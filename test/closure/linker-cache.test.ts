import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Closure } from '../../src/desired/closure/closure.ts';
import { linkerCache } from '../../src/desired/closure/linker-cache.ts';
import {
  compareLibraryNames,
  encodeLinkerCache,
} from '../../src/desired/closure/linker-cache-format.ts';
import { hostReader } from '../../src/host/reader.ts';
import { close, hasCommand, Scratch } from './host.ts';

function list(file: string): string[] {
  return execFileSync(hostReader.which('ldconfig') ?? '', ['-p', '-C', file], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => line.trim());
}

function bytesOf(closure: Closure, reader = hostReader): Buffer {
  const cache = linkerCache(reader, closure.entries);
  if (cache?.source.from !== 'jailctl') throw new Error('no cache');
  const bytes = Buffer.from(cache.source.base64, 'base64');
  expect(cache.sizeBytes).toBe(bytes.length);
  return bytes;
}

/** Writes a closure into a directory, as a jail. */
function materialise(closure: Closure, root: string): void {
  mkdirSync(root);
  for (const [path, { entry }] of closure.entries) {
    if (entry.type === 'directory') mkdirSync(root + path, { mode: entry.mode });
    else if (entry.type === 'symlink') symlinkSync(entry.target, root + path);
    else if (entry.type === 'file' && entry.source.from === 'host')
      copyFileSync(entry.source.path, root + path);
  }
}

test('names are in the order that ld.so searches in', () => {
  const names = [
    'libb.so.1',
    'liba.so.10',
    'liba.so.9',
    'liba.so',
    'lib1.so',
    'liba-x.so',
    'libab.so',
  ];
  expect(names.toSorted((one, other) => compareLibraryNames(other, one))).toEqual([
    'lib1.so',
    'libb.so.1',
    'libab.so',
    'liba.so.10',
    'liba.so.9',
    'liba.so',
    'liba-x.so',
  ]);
});

describe.skipIf(!hasCommand('ldconfig'))('against ldconfig', () => {
  test('it prints what was put in, hardware variants first', () => {
    using scratch = new Scratch();
    const at = (path: string, variant?: string) => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      path,
      flags: 0x303,
      ...(variant !== undefined && { variant }),
    });
    const bytes = encodeLinkerCache(
      [
        at('/usr/lib/libz.so.1'),
        at('/lib/libc.so.6'),
        at('/usr/lib/glibc-hwcaps/x86-64-v3/libz.so.1', 'x86-64-v3'),
        at('/usr/lib/glibc-hwcaps/x86-64-v2/libz.so.1', 'x86-64-v2'),
        at('/late/libc.so.6'),
      ],
      true,
    );
    expect(list(scratch.file('cache', ''))).toEqual([]);
    writeFileSync(join(scratch.path, 'cache'), bytes);
    expect(list(join(scratch.path, 'cache'))).toEqual([
      'libz.so.1 (libc6,x86-64, hwcap: "x86-64-v2") => /usr/lib/glibc-hwcaps/x86-64-v2/libz.so.1',
      'libz.so.1 (libc6,x86-64, hwcap: "x86-64-v3") => /usr/lib/glibc-hwcaps/x86-64-v3/libz.so.1',
      'libz.so.1 (libc6,x86-64) => /usr/lib/libz.so.1',
      'libc.so.6 (libc6,x86-64) => /lib/libc.so.6',
    ]);
  });

  test('it agrees with the order of the cache that it makes itself', () => {
    const names = list('/etc/ld.so.cache').map((line) => line.split(' ')[0] ?? '');
    expect(names.length).toBeGreaterThan(20);
    expect(names.toSorted((one, other) => compareLibraryNames(other, one))).toEqual(names);
  });

  test('the libraries of a closure are all found, and making it again gives the same bytes', () => {
    using scratch = new Scratch();
    const closure = close(['python3', 'bash']);
    writeFileSync(join(scratch.path, 'cache'), bytesOf(closure));
    const lines = list(join(scratch.path, 'cache'));
    for (const [path, { reason }] of closure.entries) {
      if (reason.because === 'library' && /\/lib[^/]*\.so/.test(path)) {
        expect(lines.some((line) => line.endsWith(`=> ${path}`))).toBe(true);
      }
    }
    expect(bytesOf(close(['bash', 'python3']))).toEqual(bytesOf(closure));
  });
});

test('a jail without glibc has none', () => {
  using scratch = new Scratch();
  expect(linkerCache(hostReader, close([scratch.file('data', 'x')]).entries)).toBeUndefined();
});

/** The exit code of a program in a plain chroot, where there is no /proc. */
function run(root: string, program: string): number | null {
  const argv = ['--userspec=70000:70000', root, program];
  return spawnSync(hostReader.which('chroot') ?? '', argv, { stdio: 'ignore', env: {} }).status;
}

describe.skipIf(process.getuid?.() !== 0 || !hasCommand('gcc'))('in a jail', () => {
  test('a program finds a library that lies only in a directory of ld.so.conf', () => {
    using scratch = new Scratch();
    scratch.compile(
      'gcc',
      'libs/libone.so',
      'int one(void) { return 42; }',
      '-shared',
      '-Wl,-soname,libone.so',
    );
    const program = scratch.compile(
      'gcc',
      'program',
      'extern int one(void); int main(void) { return one(); }',
      `-L${scratch.path}/libs`,
      '-lone',
    );
    const reader = {
      ...hostReader,
      readText: (path: string) =>
        path === '/etc/ld.so.conf' ? `${scratch.path}/libs\n` : hostReader.readText(path),
    };
    const closure = close([program], {}, reader);
    expect(closure.diagnostics).toEqual([]);
    const root = join(scratch.path, 'jail');
    materialise(closure, root);
    expect(run(root, program)).toBe(127);
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/ld.so.cache'), bytesOf(closure, reader));
    expect(run(root, program)).toBe(42);
  });

  test('a library beside its program is found although ld.so can not read /proc/self/exe', () => {
    using scratch = new Scratch();
    const library = scratch.compile(
      'gcc',
      'app/libone.so',
      'int one(void) { return 43; }',
      '-shared',
      '-Wl,-soname,libone.so',
    );
    const program = scratch.compile(
      'gcc',
      'app/program',
      'extern int one(void); int main(void) { return one(); }',
      library,
      '-Wl,-rpath,$ORIGIN',
    );
    const closure = close([program]);
    const root = join(scratch.path, 'jail');
    materialise(closure, root);
    expect(run(root, program)).toBe(127);
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/ld.so.cache'), bytesOf(closure));
    expect(run(root, program)).toBe(43);
  });
});
