import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyProblem } from '../../src/model/copy-problem.ts';
import { checkCopy, parseCopy, parseIn } from '../../src/run/copies.ts';

const codes = (checked: ReturnType<typeof parseIn>) =>
  checked.ok ? checked.value : checked.diagnostics.map(({ code }) => code);

describe('a copy is read as', () => {
  test.for([
    ['in', 'main.py:main.py', 'main.py', 'main.py'],
    ['in', '/a b/ä.py:/tmp/x', '/a b/ä.py', '/tmp/x'],
    ['in', '../tests/1.txt:data/in.txt', '../tests/1.txt', 'data/in.txt'],
    ['in', '/runs/12:30:05/x:x', '/runs/12:30:05/x', 'x'],
    ['out', 'out:/runs/12:30:05/out', 'out', '/runs/12:30:05/out'],
    ['out', 'a/..b/...:../x/', 'a/..b/...', '../x/'],
    ['out', '/tmp/core:core', '/tmp/core', 'core'],
  ] as const)('%s %s', ([direction, text, from, to]) => {
    expect(parseCopy(text, direction)).toEqual({ ok: true, value: { from, to } });
  });

  test('--in keeps the name of the file', () => {
    expect(codes(parseIn('main.py'))).toEqual({ from: 'main.py', to: 'main.py' });
    expect(codes(parseIn('../a:b/c:d'))).toEqual({ from: '../a:b/c:d', to: 'c:d' });
    expect(codes(parseIn('/x'))).toEqual({ from: '/x', to: 'x' });
  });
});

describe('a copy is refused', () => {
  test.for(['', ':', 'a', 'a:', ':b'])('that lacks a side: %j', (text) => {
    expect(codes(parseCopy(text, 'in'))).toEqual(['copy-form']);
    expect(codes(parseCopy(text, 'out'))).toEqual(['copy-form']);
  });

  test.for(['..', '../x', 'a/../b', 'a/..', '.', './a', 'a//b', 'a/', '/', '//a', 'a\0b'])(
    'whose path in the jail is %j',
    (path) => {
      expect(codes(parseCopy(`file:${path}`, 'in'))).toEqual(['copy-path']);
      expect(codes(parseCopy(`${path}:file`, 'out'))).toEqual(['copy-path']);
    },
  );

  test('whose path is longer than Linux allows', () => {
    const path = `${'ä'.repeat(100)}/`.repeat(20);
    expect(codes(checkCopy({ from: 'x', to: `${path}${'a'.repeat(4095 - 4020)}` }, 'in'))).toEqual({
      from: 'x',
      to: expect.stringMatching(/aaa$/),
    });
    expect(codes(checkCopy({ from: 'x', to: `${path}${'a'.repeat(4096 - 4020)}` }, 'in'))).toEqual([
      'copy-path',
    ]);
  });

  test.for(['', '/', 'a/', '.', '..', 'a/..', 'a\0b'])('that --in %j can not name', (text) => {
    expect(parseIn(text).ok).toBe(false);
  });
});

test('the path in the jail of whatever is accepted stays below where it starts', () => {
  const part = fc.constantFrom('a', '.', '..', '', '...', ':');
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path, path, (from, to) => {
      const parsed = parseCopy(`${from}:${to}`, 'in');
      if (!parsed.ok) return;
      expect(`${parsed.value.from}:${parsed.value.to}`).toBe(`${from}:${to}`);
      const { pathname } = new URL(parsed.value.to, 'file:///home/');
      expect(pathname).toBe(parsed.value.to.replace(/^(?!\/)/, '/home/'));
    }),
  );
});

test('a reason is told in words, or else by its number', () => {
  expect(copyProblem(28)).toBe('no space left');
  expect(copyProblem(99)).toBe('errno 99');
});
