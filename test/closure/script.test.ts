import { describe, expect, test } from 'vitest';
import { parseShebang } from '../../src/desired/closure/script.ts';
import { close, Scratch, whyLeftOut } from './host.ts';

describe('the first line', () => {
  test.each([
    ['#!/bin/sh\necho', { path: '/bin/sh' }],
    ['#! \t/bin/sh -e\n', { path: '/bin/sh' }],
    ['#!/bin/sh', { path: '/bin/sh' }],
    ['#!/usr/bin/perl -w -T\n', { path: '/usr/bin/perl' }],
    ['#!/usr/bin/env python3\n', { path: '/usr/bin/env', command: 'python3' }],
    ['#!/usr/bin/env python3 \n', { path: '/usr/bin/env', command: 'python3' }],
    ['#!/usr/bin/env -S python3 -u\n', { path: '/usr/bin/env', command: 'python3' }],
    ['#!/usr/bin/env -Spython3 -u\n', { path: '/usr/bin/env', command: 'python3' }],
    ['#!/usr/bin/env -iS A=1 -u HOME "perl" -w\n', { path: '/usr/bin/env', command: 'perl' }],
    ['#!/usr/bin/env --split-string=node --test\n', { path: '/usr/bin/env', command: 'node' }],
    ['#!/usr/bin/env\n', { path: '/usr/bin/env' }],
    ['#!sh\n', undefined],
    ['#!\n', undefined],
    ['# not one', undefined],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(parseShebang(Buffer.from(text))).toEqual(expected);
  });

  test('env without -S gets all the rest as one word, so it finds no such command', () => {
    expect(parseShebang(Buffer.from('#!/usr/bin/env python3 -u\n'))?.command).toBe('python3 -u');
  });
});

test('a script that is asked for brings its interpreter and env', () => {
  using scratch = new Scratch();
  const script = scratch.file('script', '#!/usr/bin/env -S sh -e\n', 0o755);
  const closure = close([script]);
  const shell = closure.entries.get('/usr/bin/sh') ?? closure.entries.get('/bin/sh');
  expect(closure.diagnostics).toEqual([]);
  expect(shell?.reason).toEqual({ because: 'interpreter', neededBy: script });
  expect([...closure.entries.keys()].some((path) => path.endsWith('/env'))).toBe(true);
});

test('a script whose interpreter is a script follows both', () => {
  using scratch = new Scratch();
  const interpreter = scratch.file('interpreter', '#!/bin/sh\n', 0o755);
  const script = scratch.file('script', `#!${interpreter}\n`, 0o755);
  const { entries } = close([script]);
  expect(entries.has(interpreter)).toBe(true);
  expect([...entries.keys()].some((path) => path.endsWith('/libc.so.6'))).toBe(true);
});

test('a script deep in a directory that is taken whole brings no interpreter', () => {
  using scratch = new Scratch();
  scratch.file('tool/helpers/old', '#!/bin/sh\n', 0o755);
  const closure = close([`${scratch.path}/tool`]);
  expect([...closure.entries.keys()].filter((path) => !path.startsWith('/tmp'))).toEqual([]);
});

test('the same script brings it when it is asked for by itself as well, in either order', () => {
  using scratch = new Scratch();
  const script = scratch.file('tool/helpers/old', '#!/bin/sh\n', 0o755);
  for (const entries of [
    [`${scratch.path}/tool`, `${scratch.path}/tool/helpers/*`],
    [`${scratch.path}/*/helpers/old`, `${scratch.path}/tool`],
    [script, `${scratch.path}/tool`],
  ]) {
    const paths = [...close(entries).entries.keys()];
    expect(paths.some((path) => /\/(?:da|ba)?sh$/.test(path))).toBe(true);
  }
});

test('a missing interpreter is an error for a script that is named, and a note for one of many', () => {
  using scratch = new Scratch();
  const script = scratch.file('bin/script', '#!/opt/no/such\n', 0o755);
  const environment = scratch.file('bin/other', '#!/usr/bin/env no-such-command-here\n', 0o755);
  expect(close([script, environment]).diagnostics.map(({ code, at }) => [code, at?.line])).toEqual([
    ['interpreter-not-found', 1],
    ['interpreter-not-found', 2],
  ]);
  const closure = close([`${scratch.path}/bin/*`]);
  expect(closure.diagnostics).toEqual([]);
  expect(whyLeftOut(closure, '/opt/no/such')).toContain(script);
});
