import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseElf } from '../../src/desired/closure/elf.ts';
import { HostView } from '../../src/desired/closure/host-view.ts';
import { hostReader } from '../../src/host/reader.ts';
import { hasCommand, Scratch } from './host.ts';

function parseBytes(bytes: Uint8Array) {
  return parseElf((offset, length) => bytes.subarray(offset, offset + length), bytes.length);
}

/** One program of the host as bytes, small enough to mutate often. */
const sample = readFileSync('/usr/bin/env');

function readelf(path: string) {
  const text = execFileSync('readelf', ['--wide', '--dynamic', '--program-headers', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const all = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, name = '']) => name);
  return {
    interpreter: all(/Requesting program interpreter: ([^\]]+)\]/g)[0],
    needed: all(/\(NEEDED\)\s+Shared library: \[([^\]]*)\]/g),
    rpath: all(/\(RPATH\)\s+Library rpath: \[([^\]]*)\]/g)[0],
    runpath: all(/\(RUNPATH\)\s+Library runpath: \[([^\]]*)\]/g)[0],
    soname: all(/\(SONAME\)\s+Library soname: \[([^\]]*)\]/g)[0],
  };
}

describe.skipIf(!hasCommand('readelf'))('against readelf', () => {
  const view = new HostView(hostReader);
  const programs = ['/usr/bin', '/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].flatMap(
    (directory) =>
      view
        .list(directory)
        .map((name) => `${directory}/${name}`)
        .filter((path) => view.lstat(path)?.type === 'file' && view.elf(path) !== undefined)
        .slice(0, 60),
  );

  test('over a hundred programs and libraries of this host read the same', () => {
    expect(programs.length).toBeGreaterThan(50);
    const read = programs.map((path) => {
      const elf = view.elf(path);
      const { interpreter, needed, rpath, runpath, soname } = elf ?? {};
      return { path, interpreter, needed, rpath, runpath, soname };
    });
    expect(read).toEqual(programs.map((path) => ({ path, ...readelf(path) })));
  });
});

describe('hostile files', () => {
  test('what is not ELF, or not a program or library, is undefined', () => {
    expect(parseBytes(new Uint8Array(0))).toBeUndefined();
    expect(parseBytes(Buffer.from('#!/bin/sh\n'.repeat(20)))).toBeUndefined();
    const object = Buffer.from(sample);
    object.writeUInt16LE(1, 16);
    expect(parseBytes(object)).toBeUndefined();
    const unknownClass = Buffer.from(sample);
    unknownClass[4] = 3;
    expect(parseBytes(unknownClass)).toBeUndefined();
  });

  test('a file that is cut anywhere in its headers needs nothing that is not there', () => {
    const whole = parseBytes(sample);
    expect(whole?.needed.length).toBeGreaterThan(0);
    for (let length = 0; length < 4096; length += 13) {
      const elf = parseBytes(sample.subarray(0, length));
      for (const name of elf?.needed ?? []) expect(whole?.needed).toContain(name);
    }
  });

  test('a program header table of 65535 entries, or one that lies past the end, is not read', () => {
    const many = Buffer.from(sample);
    many.writeUInt16LE(0xffff, 56);
    expect(parseBytes(many)?.needed).toEqual([]);
    const far = Buffer.from(sample);
    far.writeBigUInt64LE(0xffff_ffff_ffff_fff0n, 32);
    expect(parseBytes(far)?.needed).toEqual([]);
  });

  test('any change of bytes gives a result of bounded size, never an exception', () => {
    const change = fc.record({
      at: fc.oneof(fc.nat(1024), fc.nat(sample.length - 1)),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const mutated = Buffer.from(sample);
        for (const { at, bytes } of changes) mutated.set(bytes.subarray(0, sample.length - at), at);
        let bytesRead = 0;
        const elf = parseElf((offset, length) => {
          bytesRead += length;
          return mutated.subarray(offset, offset + length);
        }, mutated.length);
        expect(elf?.needed.length ?? 0).toBeLessThanOrEqual(512);
        expect(bytesRead).toBeLessThan(64 << 20);
      }),
      { numRuns: 400 },
    );
  });
});

describe.skipIf(!hasCommand('gcc'))('what gcc can make', () => {
  test('a 32-bit big-endian file is read by its own byte order', () => {
    const bytes = Buffer.alloc(52 + 32 + 64);
    bytes.write('\x7fELF\x01\x02\x01', 'latin1');
    bytes.writeUInt16BE(2, 16);
    bytes.writeUInt16BE(20, 18);
    bytes.writeUInt32BE(52, 28);
    bytes.writeUInt16BE(32, 42);
    bytes.writeUInt16BE(1, 44);
    bytes.writeUInt32BE(3, 52);
    bytes.writeUInt32BE(84, 56);
    bytes.write('/lib/ld.so.1\0', 84, 'latin1');
    expect(parseBytes(bytes)).toMatchObject({
      wordBits: 32,
      littleEndian: false,
      machine: 20,
      interpreter: '/lib/ld.so.1',
      needed: [],
    });
  });

  test('DT_RPATH, DT_RUNPATH, DT_SONAME and nodefaultlib are told apart', () => {
    using scratch = new Scratch();
    const view = new HostView(hostReader);
    const library = scratch.compile(
      'gcc',
      'libone.so',
      'int one(void) { return 1; }',
      '-shared',
      '-Wl,-soname,libone.so.1,--disable-new-dtags,-rpath,/one:$ORIGIN,-z,nodefaultlib',
    );
    const other = scratch.compile(
      'gcc',
      'two',
      'int main(void) { return 0; }',
      '-Wl,--enable-new-dtags,-rpath,/two',
    );
    expect(view.elf(library)).toMatchObject({
      soname: 'libone.so.1',
      rpath: '/one:$ORIGIN',
      noDefaultDirectories: true,
    });
    expect(view.elf(library)?.runpath).toBeUndefined();
    expect(view.elf(other)).toMatchObject({ runpath: '/two', noDefaultDirectories: false });
    expect(view.elf(other)?.rpath).toBeUndefined();
  });
});
