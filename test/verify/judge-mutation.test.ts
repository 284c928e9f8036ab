import { describe, expect, test } from 'vitest';
import {
  isAllCaught,
  judgeMutation,
  type OutcomeName,
  type Trial,
  tryMutations,
} from '../../src/verify/mutate.ts';
import type { Mutation } from '../../src/verify/mutation.ts';
import { collect } from './collect.ts';

const mutation: Mutation = {
  ...{ id: 'no-walls', title: 'no walls', change: { on: 'host', script: '' } },
  caughtBy: ['files/a', 'files/b'],
};

/** @param verdicts `files/a passed` in the jail alpha, `files/a failed beta` in another one */
function trial(...verdicts: readonly string[]): Trial {
  const all = verdicts.map((text) => {
    const [id, verdict, jail = 'alpha'] = text.split(' ');
    const wrong = verdict === 'error';
    return {
      jail,
      probes: [
        { id, verdict: wrong ? 'not_proven' : verdict, evidence: 'seen', went_wrong: wrong },
      ],
    };
  });
  return { document: JSON.stringify({ jails: all }) };
}

const good = trial('files/a passed', 'files/b passed');
const weak = trial('files/a passed', 'files/a known_weakness beta', 'files/b passed');

describe('a mutation', () => {
  test.for<[string, string, Trial, Trial]>([
    ['caught', 'all its probes fail', good, trial('files/a failed', 'files/b failed')],
    ['missed', 'one of them passes', good, trial('files/a failed', 'files/b passed')],
    ['missed', 'one proves nothing any more', good, trial('files/a failed', 'files/b not_proven')],
    ['missed', 'one goes wrong', good, trial('files/a failed', 'files/b error')],
    ['missed', 'one has no verdict', good, trial('files/a failed')],
    [
      'caught',
      'it is noticed in one of two jails',
      trial(
        'files/a passed',
        'files/a passed beta',
        'files/b not_applicable',
        'files/b passed beta',
      ),
      trial('files/a passed', 'files/a failed beta', 'files/b failed beta'),
    ],
    ['caught', 'one jail is known to be weak', weak, trial('files/a failed', 'files/b failed')],
    [
      'caught',
      'one has a known weakness in the other jail',
      trial('files/a passed', 'files/a known_weakness beta', 'files/b passed'),
      trial('files/a failed', 'files/a known_weakness beta', 'files/b failed'),
    ],
    [
      'fault',
      'one has a known weakness wherever it is tried',
      trial('files/a known_weakness', 'files/b passed'),
      trial('files/a failed', 'files/b failed'),
    ],
    [
      'missed',
      'one fails where it did not pass before',
      trial('files/a not_applicable', 'files/a passed beta', 'files/b passed'),
      trial('files/a failed', 'files/a passed beta', 'files/b failed'),
    ],
    [
      'not_proven',
      'the host lacks what one needs',
      trial('files/a passed', 'files/b not_proven'),
      trial('files/a failed', 'files/b failed'),
    ],
    [
      'missed',
      'the host lacks what one needs, and the other one passes',
      trial('files/a passed', 'files/b not_proven'),
      trial('files/a passed', 'files/b failed'),
    ],
    [
      'not_proven',
      'the host lacks what all need, and can not be changed either',
      trial('files/a not_proven', 'files/b not_proven'),
      { fault: 'no module' },
    ],
    ['fault', 'the host can not be changed', good, { fault: 'no module' }],
    ['fault', 'the jails could not be made', { fault: 'no space' }, good],
    [
      'fault',
      'one fails with every layer',
      trial('files/a failed', 'files/b passed'),
      trial('files/a failed', 'files/b failed'),
    ],
    [
      'fault',
      'one fails with every layer in the other jail',
      trial('files/a passed', 'files/a failed beta', 'files/b passed'),
      trial('files/a failed', 'files/b failed'),
    ],
    [
      'fault',
      'one goes wrong with every layer',
      trial('files/a error', 'files/b passed'),
      trial('files/a failed', 'files/b failed'),
    ],
    [
      'fault',
      'one has nothing to attack',
      trial('files/a not_applicable', 'files/b passed'),
      trial('files/a not_applicable', 'files/b failed'),
    ],
    [
      'fault',
      'one is not tried with every layer',
      trial('files/a passed'),
      trial('files/a failed'),
    ],
  ])('is %s when %s', ([outcome, , baseline, after]) => {
    expect(judgeMutation(mutation, baseline, after).outcome).toBe(outcome);
  });

  test('says of each probe what was seen', () => {
    const result = judgeMutation(mutation, good, trial('files/a failed', 'files/b passed'));
    expect(result.notices).toEqual([
      { probe: 'files/a', outcome: 'caught', evidence: 'failed in alpha: seen' },
      { probe: 'files/b', outcome: 'missed', evidence: 'passed in alpha: seen' },
    ]);
  });
});

describe('all mutations', () => {
  test.for<[boolean, readonly OutcomeName[]]>([
    [true, ['caught', 'caught']],
    [true, ['caught', 'not_proven']],
    [false, ['not_proven']],
    [false, ['caught', 'missed']],
    [false, ['caught', 'fault']],
    [false, []],
  ])('are caught, %j, when they come to %j', ([expected, outcomes]) => {
    const results = outcomes.map((outcome) => ({ mutation, outcome, notices: [] }));
    expect(isAllCaught(results)).toBe(expected);
  });

  const means = { engine: 'runc', signal: new AbortController().signal } as const;

  test('are tried two at a time, and told in their order', async () => {
    let [now, most] = [0, 0];
    const tried: string[] = [];
    const mutations = [1, 2, 3, 4, 5].map((number) => ({ ...mutation, id: `m${number}` }));
    const all = tryMutations(mutations, {
      ...means,
      tryWeakening: async (change) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, change === undefined ? 20 : 5));
        now -= 1;
        tried.push(change === undefined ? 'baseline' : 'mutation');
        return good;
      },
    });
    const told = (await collect(all)).map(({ mutation, outcome }) => `${mutation.id} ${outcome}`);
    expect(told).toEqual(['m1 missed', 'm2 missed', 'm3 missed', 'm4 missed', 'm5 missed']);
    expect(most).toBe(2);
    expect(tried.filter((one) => one === 'baseline')).toHaveLength(1);
  });

  test('end where they are interrupted', async () => {
    const interrupt = new AbortController();
    let tried = 0;
    const all = tryMutations(Array(10).fill(mutation), {
      ...means,
      signal: interrupt.signal,
      tryWeakening: async () => {
        tried += 1;
        return good;
      },
    });
    for await (const { outcome } of all) {
      expect(outcome).toBe('missed');
      interrupt.abort();
    }
    expect(tried).toBeLessThan(11);
  });

  test('end with the error of the host on which nothing is taken away', async () => {
    let tried = 0;
    const all = tryMutations(Array(10).fill(mutation), {
      ...means,
      tryWeakening: async () => {
        tried += 1;
        throw new Error('not permitted');
      },
    });
    await expect(collect(all)).rejects.toThrow('not permitted');
    const triedByThen = tried;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tried).toBeLessThanOrEqual(triedByThen + 1);
  });
});
