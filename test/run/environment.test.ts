import { describe, expect, test } from 'vitest';
import { parseVariable, runEnvironment } from '../../src/run/environment.ts';

const user = { name: 'web2', uid: 70001 };
const base = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/web2',
  USER: 'web2',
  LOGNAME: 'web2',
  LANG: 'C.UTF-8',
};

describe('the environment of a run', () => {
  test('has nothing of the caller', () => {
    expect(process.env['PWD'] ?? process.env['PATH']).toBeDefined();
    expect(runEnvironment({ env: {} }, user, [])).toEqual(base);
  });

  test("has the jail's variables over that, and the caller's over those", () => {
    const env = { LANG: 'cs_CZ.UTF-8', MODE: 'jail', PATH: '/opt' };
    expect(
      runEnvironment({ env }, user, [
        ['MODE', 'mine'],
        ['MODE', 'last'],
      ]),
    ).toEqual({
      ...base,
      LANG: 'cs_CZ.UTF-8',
      PATH: '/opt',
      MODE: 'last',
    });
  });

  test('takes a variable of any name as a variable', () => {
    const environment = runEnvironment({ env: {} }, user, [['__proto__', 'x']]);
    expect(Object.entries(environment)).toContainEqual(['__proto__', 'x']);
  });
});

describe('a variable on the command line', () => {
  test.for([
    ['A=1', ['A', '1']],
    ['A=', ['A', '']],
    ['a_1=x=y', ['a_1', 'x=y']],
    ['A=two\nlines', ['A', 'two\nlines']],
  ] as const)('%j', ([text, value]) => {
    expect(parseVariable(text)).toEqual({ ok: true, value });
  });

  test.for([
    ['A', 'env-form'],
    ['', 'env-form'],
    ['=x', 'env-name'],
    ['1A=x', 'env-name'],
    ['A B=x', 'env-name'],
    ['LD_PRELOAD=/home/web2/x.so', 'env-loader'],
    ['GLIBC_TUNABLES=x', 'env-loader'],
    ['GCONV_PATH=.', 'env-loader'],
    ['A=\0', 'env-value'],
    ['A=\ud800', 'env-value'],
  ] as const)('%j is refused', ([text, code]) => {
    expect(parseVariable(text)).toMatchObject({ ok: false, diagnostics: [{ code }] });
  });
});
