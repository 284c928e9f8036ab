import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { tryWeakening } from '../../src/host/verify/mutate.ts';
import { type MutationResult, tryMutations } from '../../src/verify/mutate.ts';
import type { Mutation } from '../../src/verify/mutation.ts';
import { allMutations } from '../../src/verify/mutations.ts';
import { allProbes } from '../../src/verify/probes.ts';
import { jailctlPath } from '../scenarios/cli.ts';
import { collect } from './collect.ts';

const pathProbe = 'files/absolute-path';

/** Mutations that must not pass for caught. */
const madeUp: readonly Mutation[] = [
  {
    id: 'nothing-on-the-host',
    title: 'nothing is taken away',
    caughtBy: [pathProbe],
    change: { on: 'host', script: 'test "$JAIL:$NAME:$OTHER" = /alpha:alpha1:/beta && id "$ID"' },
  },
  {
    id: 'nothing-in-runs',
    title: 'each run is as it should be',
    caughtBy: [pathProbe],
    change: { on: 'runs', edits: [], script: 'id "$NAME" && id "$ID" && test -d "$JAIL"' },
  },
  {
    id: 'edit-that-fits-no-run',
    title: 'what is taken away is not there',
    caughtBy: [pathProbe],
    change: { on: 'runs', edits: [{ remove: 'linux.umbrella' }] },
  },
  {
    id: 'script-that-fails',
    title: 'the host can not be changed',
    caughtBy: [pathProbe],
    change: { on: 'host', script: 'echo no such luck; false; true' },
  },
  {
    id: 'script-of-runs-that-fails',
    title: 'runs can not be changed',
    caughtBy: [pathProbe],
    change: { on: 'runs', edits: [], script: 'echo no such luck >&2; false; true' },
  },
  {
    id: 'broken-runtime',
    title: 'no run starts',
    caughtBy: [pathProbe],
    change: { on: 'runs', edits: [{ set: 'root.path', value: '/nowhere' }] },
  },
];

function tryAll(mutations: readonly Mutation[]) {
  const installation = {
    self: [process.execPath, jailctlPath] as const,
    packageRoot: fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''),
  };
  return collect(
    tryMutations(mutations, {
      engine: 'runc',
      tryWeakening: (change, probes, engine) => tryWeakening(change, probes, engine, installation),
      signal: new AbortController().signal,
    }),
  );
}

describe('verify', () => {
  let results: readonly MutationResult[] = [];
  beforeAll(async () => {
    results = await tryAll([...allMutations, ...madeUp]);
  }, 600_000);

  test('is tested by many mutations, each of probes that there are', () => {
    expect(allMutations.length).toBeGreaterThanOrEqual(20);
    const ids = allMutations.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const probes = new Set(allProbes.map(({ id }) => id));
    expect(
      allMutations.flatMap(({ caughtBy }) => caughtBy).filter((id) => !probes.has(id)),
    ).toEqual([]);
  });

  test.for(allMutations.map(({ id, title }) => ({ id, title })))(
    'notices: $title ($id)',
    ({ id }) => {
      const result = results.find(({ mutation }) => mutation.id === id);
      // What a kernel lacks can't be taken away.
      expect(['caught', 'not_proven'], JSON.stringify(result?.notices, null, 2)).toContain(
        result?.outcome,
      );
    },
  );

  test.for([
    ['nothing-on-the-host', 'missed', 'passed in alpha'],
    ['nothing-in-runs', 'missed', 'passed in alpha'],
    ['edit-that-fits-no-run', 'fault', 'the configuration has no linux.umbrella'],
    ['script-that-fails', 'fault', 'no such luck'],
    ['script-of-runs-that-fails', 'fault', 'no such luck'],
    ['broken-runtime', 'missed', 'not_proven in alpha: the attempt went wrong'],
  ] as const)('does not pretend to have noticed %s', ([id, outcome, evidence]) => {
    expect(results.find(({ mutation }) => mutation.id === id)).toMatchObject({
      outcome,
      notices: [{ probe: pathProbe, evidence: expect.stringContaining(evidence) }],
    });
  });
});
