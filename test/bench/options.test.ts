import { describe, expect, test } from 'vitest';
import type { Case } from '../../bench/case.ts';
import { cases } from '../../bench/cases.ts';
import { readOptions } from '../../bench/options.ts';

const oneOf = (name: string, quickRounds: number): Case => ({
  name,
  full: { rounds: 5, slowRounds: 2 },
  quick: { rounds: quickRounds, slowRounds: 0 },
  measure: async () => ({}),
  rows: [],
});

const some = [oneOf('small', 1), oneOf('large', 0)];

const chosen = (...args: readonly string[]) =>
  readOptions(args, some).chosen.map(({ one, effort }) => [one.name, effort]);

describe('what is measured', () => {
  test('all, with full effort', () => {
    const effort = { rounds: 5, slowRounds: 2, jobs: 100 };
    expect(chosen()).toEqual([
      ['small', effort],
      ['large', effort],
    ]);
  });

  test('with --quick, less, and not what takes long', () => {
    expect(chosen('--quick')).toEqual([['small', { rounds: 1, slowRounds: 0, jobs: 100 }]]);
  });

  test('as many rounds and jobs as are asked for; of what is slow, not more than planned', () => {
    expect(chosen('--only', '^l', '--rounds', '1', '--jobs', '7')).toEqual([
      ['large', { rounds: 1, slowRounds: 1, jobs: 7 }],
    ]);
    expect(chosen('--only', '^l', '--rounds', '9')).toEqual([
      ['large', { rounds: 9, slowRounds: 2, jobs: 100 }],
    ]);
  });

  test.for([
    [['--rounds', '0'], '--rounds: this is not a number from 1 on: 0'],
    [['--jobs', 'many'], '--jobs: this is not a number from 1 on: many'],
    [['--only', 'huge'], 'nothing matches huge; there are: small, large'],
    [['--only', '('], 'Invalid regular expression'],
    [['--fast'], "Unknown option '--fast'"],
    [['more'], 'Unexpected argument'],
  ] as const)('%j is a mistake', ([args, message]) => {
    expect(() => readOptions(args, some)).toThrow(message);
  });
});

test('--quick leaves something of each section', () => {
  const sections = (of: readonly { readonly one: Case }[]) =>
    new Set(of.flatMap(({ one }) => one.rows.map(({ section }) => section)));
  const quick = sections(readOptions(['--quick'], cases).chosen);
  expect(quick).toEqual(sections(readOptions([], cases).chosen));
});
