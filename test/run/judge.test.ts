import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metaText } from '../../src/report/meta.ts';
import { runDocument } from '../../src/report/run-json.ts';
import { exitCodeOf, judge } from '../../src/run/judge.ts';
import type { LayerState, Measurement, RunResult } from '../../src/run/run-result.ts';
import { faults } from '../documents/schemas.ts';
import { type Changes, cases } from './judge-cases.ts';
import { limits as runLimits, specWith } from './specs.ts';

const output = { stdout: Buffer.from('hello, world\n'), stderr: Buffer.alloc(0) };

const spec = specWith({ limits: { ...runLimits, diskBytes: 2 * 2 ** 20 } });

const layers: Record<string, LayerState> = {
  pid_namespace: { state: 'in_force', by: 'crun' },
  seccomp: { state: 'absent', why: 'no filter with this engine' },
};
const limits: Record<string, LayerState> = {
  cpu_time: { state: 'weaker', by: 'RLIMIT_CPU', why: 'it counts each process by itself' },
};

const measured: Measurement = {
  ended: { exitCode: 0 },
  wallTimeMs: 40,
  cpuTimeMs: 20,
  memoryPeakBytes: 9_500_000,
  processesPeak: 2,
  memoryKills: 0,
  outputBytes: 14,
  outputCut: false,
  copiedOut: [],
};

const copies = {
  copyIn: [
    { from: '/main.py', to: 'main.py' },
    { from: '/data', to: 'in/data' },
  ],
  copyOut: [
    { from: 'out', to: '/results/out' },
    { from: 'log', to: '/results/log' },
  ],
};

function judged(changes: Changes): RunResult {
  const merged = Object.entries({ ...measured, ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  const given = { ...spec, ...copies };
  return judge(given, Object.fromEntries(merged) as unknown as Measurement, layers, limits);
}

describe('a run that ended by', () => {
  test.for(cases)('$title', ({ changes, result, exits, meta }) => {
    const verdict = judged(changes);
    expect(verdict).toMatchObject(result);
    expect('exitCode' in verdict && 'signal' in verdict).toBe(false);
    expect(exitCodeOf(verdict)).toBe(exits);
    const told = metaText(verdict)
      .split('\n')
      .filter((line) => !/^(?:time|time-wall|cg-mem):|^$/.test(line));
    expect(told.join(' ')).toBe(meta === '' ? 'exitcode:0' : meta);
    expect(faults('run-result', runDocument(verdict, output))).toEqual([]);
  });
});

describe('a result', () => {
  test('exits 0 only when all is well, and never outside of what an exit code can be', () => {
    const changes = fc.record({
      ended: fc.option(
        fc.oneof(
          fc.record({ exitCode: fc.integer({ min: 0, max: 255 }) }),
          fc.record({ signal: fc.integer({ min: 1, max: 64 }) }),
        ),
        { nil: undefined },
      ),
      stoppedBy: fc.option(
        fc.constantFrom<NonNullable<Measurement['stoppedBy']>[]>(
          ...(['wall_time', 'cpu_time', 'output', 'disk', 'caller'] as const),
        ),
        { nil: undefined },
      ),
      execErrno: fc.option(fc.integer({ min: 1, max: 133 }), { nil: undefined }),
      failure: fc.option(fc.string(), { nil: undefined }),
      memoryKills: fc.nat(2),
      cpuTimeMs: fc.nat(12_000),
      wallTimeMs: fc.nat(40_000),
      outputCut: fc.boolean(),
      homeBytes: fc.option(fc.nat(4 * 2 ** 20), { nil: undefined }),
      putFailed: fc.option(
        fc.record({ index: fc.nat(1), errno: fc.integer({ min: 1, max: 133 }) }),
        {
          nil: undefined,
        },
      ),
      copiedOut: fc.array(
        fc.oneof(
          fc.record({ from: fc.string(), to: fc.string(), bytes: fc.nat() }),
          fc.record({ from: fc.string(), to: fc.string(), error: fc.string() }),
        ),
        { maxLength: 2 },
      ),
    });
    fc.assert(
      fc.property(changes, (made) => {
        const result = judged(made);
        const code = exitCodeOf(result);
        const allThere = result.copiedOut.every((copy) => 'bytes' in copy);
        expect(code === 0).toBe(result.status === 'ok' && allThere);
        expect(code).toBeGreaterThanOrEqual(0);
        expect(code).toBeLessThanOrEqual(255);
        expect(faults('run-result', runDocument(result, output))).toEqual([]);
        expect(metaText(result)).toMatch(/^(?:[a-z-]+:.*\n)+$/);
      }),
    );
  });

  test('is a document with what was measured', () => {
    expect(runDocument(judged({}), output)).toEqual({
      format_version: '1.0',
      status: 'ok',
      jail: 'web',
      user: 'web1',
      engine: 'crun',
      exit_code: 0,
      message: 'ended with exit code 0',
      wall_time_ms: 40,
      cpu_time_ms: 20,
      memory_peak_bytes: 9_500_000,
      processes_peak: 2,
      output_bytes: 14,
      output_cut: false,
      copied_out: [],
      stdout: 'hello, world\n',
      stderr: '',
      layers,
      limits,
    });
    expect(runDocument(judged({ processesPeak: undefined }), output)).not.toHaveProperty(
      'processes_peak',
    );
  });

  test('is the golden example', async () => {
    const text = `${JSON.stringify(runDocument(judged({}), output), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../documents/golden/run-result.txt');
  });

  test('is a meta file with times in seconds and memory in KiB', () => {
    const text = metaText(
      judged({ cpuTimeMs: 1234.5678, wallTimeMs: 2000, memoryPeakBytes: 2047 }),
    );
    expect(text).toBe('time:1.235\ntime-wall:2.000\ncg-mem:1\nexitcode:0\n');
  });

  test('tells which files were copied out, and that one was not', () => {
    const copiedOut = [
      { from: 'out', to: '/results/out', bytes: 7 },
      { from: 'log', to: '/results/log', error: 'no such file' },
    ];
    expect(runDocument(judged({ copiedOut }), output)).toMatchObject({
      status: 'ok',
      copied_out: copiedOut,
    });
  });

  test('keeps its layers and limits', () => {
    expect(judged({ failure: 'x' })).toMatchObject({ layers, limits });
  });
});
