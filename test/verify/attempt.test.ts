import { describe, expect, test } from 'vitest';
import { parseAnswer } from '../../src/model/probe-answer.ts';
import { type Comparison, compare, outcomeText } from '../../src/verify/attempt.ts';
import type { Action, OutsideOptions } from '../../src/verify/range.ts';
import { scriptedRange } from './scripted.ts';

const comparison: Comparison = { attempt: ['mount'], refusals: ['EPERM', 'EACCES'] };

/** Compares, where the probe program says these words outside and inside. */
function outcome(outside: string, inside: string, more: Partial<Comparison> = {}) {
  const range = scriptedRange({ outside: () => outside, inside: () => inside });
  return compare(range, { ...comparison, ...more });
}

describe('an attempt that is compared with its control', () => {
  test.for([
    ['done', 'EPERM'],
    ['done', 'EACCES'],
  ])('holds: %s outside, %s inside', async ([outside = '', inside = '']) => {
    const finding = await outcome(outside, inside);
    expect(finding).toEqual({
      found: 'held',
      evidence: `${inside} in the jail, ${outside} outside`,
    });
  });

  test('is broken when it works in the jail', async () => {
    expect(await outcome('done', 'done')).toMatchObject({ found: 'broken' });
  });

  test.for(['EPERM', 'ENOSYS', 'EAGAIN'])(
    'proves nothing when its control ends with %s',
    async (word) => {
      for (const inside of ['EPERM', 'done']) {
        expect(await outcome(word, inside)).toMatchObject({
          found: 'no_control',
          why: expect.stringContaining(word),
        });
      }
    },
  );

  test.for(['ENOSYS', 'EINVAL', 'ENOMEM', 'ready'])(
    'throws when it comes to %s in the jail, which no layer explains',
    async (word) => {
      await expect(outcome('done', word)).rejects.toThrow(`${word}, which is not EPERM or EACCES`);
    },
  );

  test('throws when the program says no outcome, in the jail or outside of it', async () => {
    const cut = 'call mount\noutcome EPE';
    await expect(outcome('done', cut)).rejects.toThrow('said no outcome in the jail (it ended)');
    await expect(outcome(cut, 'EPERM')).rejects.toThrow('said no outcome outside the jail');
  });

  test('counts what is past the check of rights as working, on both sides', async () => {
    const reached = { reached: ['EINVAL'] };
    expect(await outcome('EINVAL', 'EPERM', reached)).toMatchObject({ found: 'held' });
    expect(await outcome('EINVAL', 'EINVAL', reached)).toMatchObject({ found: 'broken' });
    expect(await outcome('done', 'EINVAL', reached)).toMatchObject({ found: 'broken' });
  });

  test.for([
    [{}, ['mount'], { as: 70000 }],
    [{ controlAs: 'user' }, ['mount'], { as: 70000 }],
    [{ controlAs: 'root' }, ['mount'], { isolated: true }],
    [{ control: ['read-file', '/x'] }, ['read-file', '/x'], { as: 70000 }],
  ] as const)('runs the control as it is told: %j', async ([more, action, options]) => {
    const asked: [Action, OutsideOptions][] = [];
    const outside = (...one: [Action, OutsideOptions]) => {
      asked.push(one);
      return 'done';
    };
    await compare(scriptedRange({ outside, inside: () => 'EPERM' }), { ...comparison, ...more });
    expect(asked).toEqual([[action, options]]);
  });

  test('tries nothing in the jail without a control', async () => {
    const inside = () => {
      throw new Error('it was tried');
    };
    const finding = compare(scriptedRange({ outside: () => 'EPERM', inside }), comparison);
    expect(await finding).toMatchObject({ found: 'no_control' });
  });
});

test('evidence names the call', () => {
  expect(outcomeText(parseAnswer('call mount\noutcome EPERM\n'))).toBe('EPERM (mount)');
  expect(outcomeText(parseAnswer('outcome done\n'))).toBe('done');
});
