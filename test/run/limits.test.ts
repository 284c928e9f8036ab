import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import schema from '../../schemas/jails.schema.json' with { type: 'json' };
import { limitForms } from '../../src/model/limit-forms.ts';
import { mergeLimits, parseLimitOverride } from '../../src/run/limits.ts';
import { limits } from './specs.ts';

const mib = 2 ** 20;

describe('a limit on the command line', () => {
  test.for([
    ['memory=128MiB', 'memory', 128 * mib],
    ['cpu_time=2m', 'cpu_time', 120],
    ['processes=1', 'processes', 1],
    ['open_files=8', 'open_files', 8],
    ['cpus=0.5', 'cpus', 0.5],
    ['cpus=2', 'cpus', 2],
    ['tmp_size=1MiB', 'tmp_size', mib],
    ['disk=100KiB', 'disk', 102_400],
  ] as const)('%s', ([text, name, value]) => {
    expect(parseLimitOverride(text)).toEqual({ ok: true, value: { name, value } });
  });

  test.for([
    ['memory', 'bad-limit', /equals sign/, /memory=128MiB/],
    ['=5', 'bad-limit', /equals sign/, /example/],
    ['memry=1MiB', 'unknown-limit', /"memry"/, /memory/],
    ['constructor=1', 'unknown-limit', /"constructor"/, /limits: processes, memory/],
    ['memory=128', 'bad-size', /not a size/, /128MiB/],
    ['memory=1MiB', 'out-of-range', /at least 6MiB/, /before its program starts/],
    ['cpu_time=10', 'bad-time', /not a time/, /10s/],
    ['processes=0', 'out-of-range', /at least 1/, /^$/],
    ['processes=-1', 'bad-count', /not a whole number/, /^$/],
    ['processes=1e3', 'bad-count', /not a whole number/, /^$/],
    ['open_files=7', 'out-of-range', /at least 8/, /^$/],
    ['wall_time=9999h', 'out-of-range', /at most 168h/, /^$/],
    ['cpus=0', 'out-of-range', /at least 0.01/, /^$/],
    ['cpus=half', 'bad-processors', /"half"/, /0.5/],
    ['cpus=1\u001b[31m', 'bad-processors', /\\x1b/, /0.5/],
  ] as const)('%j is refused', ([text, code, message, hint]) => {
    const parsed = parseLimitOverride(text);
    expect(parsed).toMatchObject({ ok: false, diagnostics: [{ code }] });
    const [diagnostic] = parsed.ok ? [] : parsed.diagnostics;
    expect(diagnostic?.message).toMatch(message);
    expect(diagnostic?.hint ?? '').toMatch(hint);
  });

  test('has the range that the manifest has', () => {
    const { properties } = schema.definitions.limits;
    for (const [name, form] of Object.entries(limitForms)) {
      const property = properties[name as keyof typeof properties];
      const range =
        form.form === 'processors' ? schema.definitions.processors : (property as object);
      if (!['count', 'processors'].includes(form.form)) continue;
      expect(range, name).toMatchObject({ minimum: form.min, maximum: form.max });
    }
    expect(Object.keys(limitForms)).toEqual(Object.keys(properties));
  });
});

describe('limits of a run', () => {
  test('are those of the jail where nobody asks for others', () => {
    expect(mergeLimits(limits, [], false)).toEqual({ ok: true, value: limits });
  });

  test('can be made stricter by whoever starts the run', () => {
    const overrides = [
      { name: 'memory', value: 64 * mib },
      { name: 'wall_time', value: 30 },
      { name: 'disk', value: mib },
      { name: 'cpus', value: 1 },
    ];
    const value = { ...limits, memoryBytes: 64 * mib, diskBytes: mib, cpus: 1 };
    expect(mergeLimits(limits, overrides, false)).toEqual({ ok: true, value });
  });

  test('are made weaker only where that is said, and every refusal is told at once', () => {
    const overrides = [
      { name: 'memory', value: 512 * mib },
      { name: 'cpu_time', value: 60 },
      { name: 'processes', value: 2 },
      { name: 'cpus', value: 1.5 },
    ];
    const jail = { ...limits, cpus: 1 };
    const refused = mergeLimits(jail, overrides, false);
    expect(refused).toEqual({
      ok: false,
      diagnostics: [
        {
          code: 'limit-raised',
          message: "memory=512MiB is more than the jail's limit of 256MiB",
          hint: expect.stringContaining('--allow-raise'),
        },
        expect.objectContaining({ message: "cpu_time=1m is more than the jail's limit of 10s" }),
        expect.objectContaining({ message: "cpus=1.5 is more than the jail's limit of 1" }),
      ],
    });
    const value = {
      ...limits,
      memoryBytes: 512 * mib,
      cpuTimeSeconds: 60,
      processes: 2,
      cpus: 1.5,
    };
    expect(mergeLimits(jail, overrides, true)).toEqual({ ok: true, value });
  });

  test('are asked for once', () => {
    const twice = [
      { name: 'memory', value: 64 * mib },
      { name: 'memory', value: 32 * mib },
    ];
    expect(mergeLimits(limits, twice, true)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'limit-twice', message: 'the limit memory is given twice' }],
    });
  });

  test('never get weaker without leave, whatever is asked for', () => {
    const override = fc.record({
      name: fc.constantFrom(...Object.keys(limitForms)),
      value: fc.integer({ min: 1, max: 2 ** 40 }),
    });
    fc.assert(
      fc.property(fc.array(override), (overrides) => {
        const merged = mergeLimits(limits, overrides, false);
        if (!merged.ok) return;
        for (const [field, value] of Object.entries(limits)) {
          expect(merged.value[field as keyof typeof limits]).toBeLessThanOrEqual(value);
        }
      }),
    );
  });
});
