import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cases, rowSpecs } from '../../bench/cases.ts';
import { usage } from '../../bench/options.ts';
import { withResults } from '../../bench/record.ts';
import { type About, resultsOf } from '../../bench/report/document.ts';
import { type RowSpec, rowOf } from '../../bench/report/row.ts';
import { type Figures, figuresOf, median } from '../../bench/report/statistics.ts';
import { resultsText } from '../../bench/report/text.ts';

const about: About = {
  begun: '2026-01-02T03:04:05.000Z',
  minutes: 1,
  jailctl: '0.1.0',
  machine: { cpu: 'A', cpus: 2, memory_mib: 2048, kernel: '6', system: 'B', node: '24' },
  failed: [],
};

const spec: RowSpec = {
  section: 'jails',
  name: 'create',
  unit: 'ms',
  ours: 'ours',
  floor: ['one', 'two'],
  peers: { slow: 'slow', slower: 'slower' },
  bounds: { value: 120, peakMib: 10, timesFloor: 3, overFloor: 60, timesPeer: 10 },
};

const at = (median: number, peak_mib?: number) => ({
  median,
  min: median,
  max: median,
  rounds: 1,
  ...(peak_mib === undefined ? {} : { peak_mib }),
});

const figures: Figures = {
  ours: at(120, 10),
  one: at(10, 2),
  two: at(30, 2),
  slow: at(1200),
  slower: at(2400),
};

describe('statistics', () => {
  test.for([
    [[7], 7],
    [[9, 1, 5], 5],
    [[8, 2, 100, 4], 6],
    [[10, 9], 9.5],
  ] as const)('the median of %j is %d', ([values, expected]) => {
    expect(median(values)).toBe(expected);
  });

  test('there is no median of nothing', () => {
    expect(() => median([])).toThrow('no median of nothing');
  });

  test('a figure has the median time, and the highest peak', () => {
    const samples = [
      { value: 3, cpuMs: 1, peakKib: 1024 },
      { value: 1, cpuMs: 5, peakKib: 2048 },
      { value: 9, cpuMs: 2, peakKib: 1536 },
    ];
    expect(figuresOf({ a: samples, b: [{ value: 1.234_56 }] })).toEqual({
      a: { median: 3, min: 1, max: 9, rounds: 3, cpu_ms: 2, peak_mib: 2 },
      b: { median: 1.23, min: 1.23, max: 1.23, rounds: 1 },
    });
  });
});

describe('a row', () => {
  test('compares with the sum of the floor and with each peer; what is just reached is met', () => {
    expect(rowOf(spec, figures)).toEqual({
      section: 'jails',
      name: 'create',
      unit: 'ms',
      ours: { value: 120, at_most: 120, met: true },
      peak_mib: { value: 10, at_most: 10, met: true },
      floor: 40,
      times_floor: { value: 3, at_most: 3, met: true },
      over_floor: { value: 80, at_most: 60, met: false },
      peers: [
        { name: 'slow', value: 1200, times_ours: { value: 10, at_least: 10, met: true } },
        { name: 'slower', value: 2400, times_ours: { value: 20 } },
      ],
    });
  });

  test('says when a bound is missed, if only by what is rounded away', () => {
    const row = rowOf(spec, { ...figures, ours: at(120.04, 10.1) });
    expect(row).toMatchObject({
      ours: { met: false },
      peak_mib: { met: false },
      times_floor: { value: 3, met: false },
      peers: [{ times_ours: { value: 10, met: false } }, {}],
    });
  });

  test('compares peaks of memory when it is told to', () => {
    const row = rowOf({ ...spec, unit: 'MiB', compares: 'peak_mib', peers: {} }, figures);
    expect(row).toMatchObject({ ours: { value: 10 }, floor: 4, times_floor: { value: 2.5 } });
    expect(row).not.toHaveProperty('peak_mib');
  });

  test('compares the quickest rounds when it is told to', () => {
    const quick = (min: number) => ({ median: 5 * min, min, max: 9 * min, rounds: 3 });
    const measured = { ...figures, ours: quick(10), one: quick(2), two: quick(3), slow: quick(40) };
    expect(rowOf({ ...spec, compares: 'min' }, measured)).toMatchObject({
      ours: { value: 10 },
      floor: 5,
      times_floor: { value: 2 },
      peers: [{ value: 40, times_ours: { value: 4 } }, {}],
    });
  });

  test('has no peer that was not measured, and is not there without jailctl or its floor', () => {
    const { slow, ...withoutSlow } = figures;
    expect(rowOf(spec, withoutSlow)?.peers).toMatchObject([{ name: 'slower', times_ours: {} }]);
    // The bound is that of the first: it must not pass to the next.
    expect(rowOf(spec, withoutSlow)?.peers[0]?.times_ours).not.toHaveProperty('met');
    for (const name of ['ours', 'one', 'two']) {
      expect(rowOf(spec, { ...figures, [name]: undefined } as unknown as Figures)).toBeUndefined();
    }
  });
});

test('every row is of what some case measures, and no two cases have one name', () => {
  const names = cases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { ours, floor = [], peers = {} } of rowSpecs) {
    for (const key of [ours, ...floor, ...Object.values(peers)]) {
      expect(names).toContain(key.split(': ')[0]);
    }
  }
});

describe('the tables', () => {
  const samples = {
    ours: [{ value: 12_345, peakKib: 2048 }],
    one: [{ value: 5000 }],
    two: [{ value: 0.5 }],
  };

  test('are Markdown whose columns stand below one another', () => {
    const failed = [{ case: '1x10', message: 'no space left' }];
    expect(resultsText(resultsOf({ ...about, failed }, samples, [spec]))).toBe(
      [
        '2026-01-02, in 1.00 minutes: 2 × A, 2.00 GiB of memory; B, Linux 6, Node 24, jailctl 0.1.0.',
        '',
        'Jails with Python. Floor: `cp`, account files, homes, two restores; of a plan, `node -e 0` and `find`; of a small change, both:',
        '',
        '|        | jailctl                        | peak memory                | floor    | against the floor                                           |',
        '| ------ | ------------------------------ | -------------------------- | -------- | ----------------------------------------------------------- |',
        '| create | 12.3 s (≤ 120 ms: **not met**) | 2.00 MiB (≤ 10.0 MiB: met) | 5,001 ms | 2.47 × (≤ 3.00 ×: met), +7,345 ms (≤ +60.0 ms: **not met**) |',
        '',
        'Not measured, 1x10: no space left',
        '',
      ].join('\n'),
    );
  });

  test('show what is under the floor, too', () => {
    const under = { ...samples, ours: [{ value: 4984.5 }] };
    expect(resultsText(resultsOf(about, under, [spec]))).toContain(
      '1.00 × (≤ 3.00 ×: met), -16.0 ms',
    );
  });

  test('go into a page between its two marks, and nowhere else', () => {
    const page = 'a\n<!-- results -->\nold\n<!-- end of results -->\nb\n';
    const once = withResults(page, 'new');
    expect(once).toBe('a\n<!-- results -->\n\nnew\n\n<!-- end of results -->\nb\n');
    expect(withResults(once, 'new')).toBe(once);
    expect(() => withResults('a\n', 'new')).toThrow('there must be one <!-- results -->');
    expect(() => withResults('<!-- results -->\n', 'new')).toThrow('<!-- end of results -->');
    expect(() => withResults(page + page, 'new')).toThrow('there must be one');
  });
});

describe('the page of the benchmark', () => {
  const page = readFileSync(new URL('../../bench/README.md', import.meta.url), 'utf8');

  test('has a place for the results', () => {
    expect(withResults(page, 'new results')).toContain('\nnew results\n');
  });

  test('lists every option and every field of the results', () => {
    const options = [...usage.matchAll(/^ {2}(--\w+)/gm)].map(([, option]) => option);
    expect(options).toHaveLength(6);
    for (const option of options) expect(page).toMatch(new RegExp(`^\\| \`${option}[ \`]`, 'm'));
    const fields = Object.keys(resultsOf(about, {}, []));
    for (const field of fields) expect(page).toContain(`\`${field}`);
  });
});
