import { parseArgs } from 'node:util';
import type { Case, Effort } from './case.ts';

export interface Options {
  /** What is measured, with how much effort. */
  readonly chosen: readonly { readonly one: Case; readonly effort: Effort }[];
  readonly json: boolean;
  /** Keep what is found in bench/. */
  readonly record: boolean;
}

export const usage = `usage: npm run bench -- [--quick] [--only REGEXP] [--rounds N] [--jobs N] [--json] [--record]
  --quick        few rounds, and nothing that takes long: about 4 minutes instead of 25
  --only REGEXP  only cases whose name matches
  --rounds N     so many rounds of each
  --jobs N       how many programs a batch runs (100)
  --json         print JSON instead of tables
  --record       keep the results in bench/results.json, and the tables in bench/README.md
`;

/** @throws Error when it is no number, or less than one */
function count(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--${option}: this is not a number from 1 on: ${text}`);
}

/** @throws Error which says what is wrong */
export function readOptions(args: readonly string[], cases: readonly Case[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      jobs: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const { quick, only, json, record } = values;
  const jobs = count('jobs', values.jobs);
  const fixed = values.rounds === undefined ? undefined : count('rounds', values.rounds);
  const pattern = new RegExp(only);
  const chosen = cases
    .filter(({ name }) => pattern.test(name))
    .map((one) => ({ one, planned: quick ? one.quick : one.full }))
    .filter(({ planned }) => planned.rounds > 0)
    .map(({ one, planned }) => ({
      one,
      effort: {
        rounds: fixed ?? planned.rounds,
        slowRounds: Math.min(planned.slowRounds, fixed ?? planned.slowRounds),
        jobs,
      },
    }));
  if (chosen.length > 0) return { chosen, json, record };
  const names = cases.map(({ name }) => name).join(', ');
  throw new Error(`--only: nothing matches ${only}; there are: ${names}`);
}
