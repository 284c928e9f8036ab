import type { Limits } from '../model/settings.ts';
import { type Parsed, parsed, refused } from './problem.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

/** Limits of a run whose manifest names none. */
export const builtinLimits: Limits = {
  processes: 64,
  memoryBytes: 256 * 2 ** 20,
  cpuTimeSeconds: 10,
  wallTimeSeconds: 30,
  fileSizeBytes: 16 * 2 ** 20,
  openFiles: 64,
  outputBytes: 2 ** 20,
};

/** How a limit is written in a manifest. The schema holds the ranges of those that are counts. */
type LimitForm =
  | { readonly field: keyof Limits; readonly form: 'count' }
  | {
      readonly field: keyof Limits;
      readonly form: 'size' | 'duration';
      readonly min: number;
      readonly max: number;
      readonly reason?: string;
    };

const kib = 2 ** 10;
const tib = 2 ** 40;
const weekSeconds = 7 * 24 * 3600;

const limitForms: Readonly<Record<string, LimitForm>> = {
  processes: { field: 'processes', form: 'count' },
  memory: {
    field: 'memoryBytes',
    form: 'size',
    // Docker's minimum, for the same reason.
    min: 6 * 2 ** 20,
    max: 16 * tib,
    reason: 'with less, a run ends before its program starts',
  },
  cpu_time: { field: 'cpuTimeSeconds', form: 'duration', min: 1, max: weekSeconds },
  // A timer of Node holds 24 days.
  wall_time: { field: 'wallTimeSeconds', form: 'duration', min: 1, max: weekSeconds },
  file_size: { field: 'fileSizeBytes', form: 'size', min: kib, max: 16 * tib },
  open_files: { field: 'openFiles', form: 'count' },
  output: { field: 'outputBytes', form: 'size', min: kib, max: 16 * tib },
};

/**
 * Reads one limit of a manifest. Undefined for a key that is no limit and for a value of the wrong
 * type: the schema reports those.
 */
export function parseLimit(
  key: string,
  value: unknown,
): { readonly field: keyof Limits; readonly number: Parsed<number> } | undefined {
  const limit = Object.hasOwn(limitForms, key) ? limitForms[key] : undefined;
  if (limit === undefined) return undefined;
  const { field } = limit;
  if (limit.form === 'count') {
    return typeof value === 'number' ? { field, number: parsed(value) } : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const isSize = limit.form === 'size';
  const number = isSize ? parseSize(key, value) : parseDuration(key, value);
  if (!number.ok || (number.value >= limit.min && number.value <= limit.max)) {
    return { field, number };
  }
  const format = isSize ? formatSize : formatDuration;
  const bound =
    number.value < limit.min ? `least ${format(limit.min)}` : `most ${format(limit.max)}`;
  const message = `${key} is ${value}, and must be at ${bound}`;
  const hint = number.value < limit.min ? limit.reason : undefined;
  return { field, number: refused('out-of-range', message, hint) };
}
