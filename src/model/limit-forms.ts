import { type Parsed, parsed, quote, refused } from './problem.ts';
import type { Limits } from './settings.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

/** How a limit is written, and the least and the most that it can be: in bytes, seconds or pieces. */
export interface LimitForm<Field> {
  readonly field: Field;
  readonly form: 'count' | 'size' | 'duration' | 'processors';
  readonly min: number;
  readonly max: number;
  /** Why not less. */
  readonly reason?: string;
}

const kib = 2 ** 10;
const tib = 2 ** 40;
const weekSeconds = 7 * 24 * 3600;

/** The limits of every run, by the names that people write. */
export const limitForms: Readonly<Record<string, LimitForm<keyof Limits>>> = {
  // At most the kernel's PID_MAX_LIMIT.
  processes: { field: 'processes', form: 'count', min: 1, max: 2 ** 22 },
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
  // At most fs.nr_open of a kernel that nobody tuned (proc_sys_fs(5)).
  open_files: { field: 'openFiles', form: 'count', min: 8, max: 2 ** 20 },
  output: { field: 'outputBytes', form: 'size', min: kib, max: 16 * tib },
  // The kernel's quota is at least 1 ms of each 100 ms.
  cpus: { field: 'cpus', form: 'processors', min: 0.01, max: 8192 },
  tmp_size: { field: 'tmpSizeBytes', form: 'size', min: 64 * kib, max: 16 * tib },
  disk: { field: 'diskBytes', form: 'size', min: 64 * kib, max: 16 * tib },
};

/** A limit as people write it: `128MiB`, `10s`, `64`, `0.5`. */
export function formatLimit(form: LimitForm<unknown>['form'], value: number): string {
  if (form === 'size') return formatSize(value);
  return form === 'duration' ? formatDuration(value) : String(value);
}

function parseValue(name: string, form: LimitForm<unknown>['form'], text: string): Parsed<number> {
  switch (form) {
    case 'size':
      return parseSize(name, text);
    case 'duration':
      return parseDuration(name, text);
    case 'count':
      if (/^[0-9]{1,15}$/.test(text)) return parsed(Number(text));
      return refused('bad-count', `${name} is ${quote(text)}, which is not a whole number`);
    case 'processors':
      if (/^[0-9]{1,6}(?:\.[0-9]{1,3})?$/.test(text)) return parsed(Number(text));
      return refused(
        'bad-processors',
        `${name} is ${quote(text)}, which is not a number of processors`,
        'write a number such as 2 or 0.5, with at most three digits after the point',
      );
  }
}

/** Reads one limit that was written as text, and checks its range. */
export function parseLimitText(
  name: string,
  limit: LimitForm<unknown>,
  text: string,
): Parsed<number> {
  const number = parseValue(name, limit.form, text);
  if (!number.ok || (number.value >= limit.min && number.value <= limit.max)) return number;
  const tooLow = number.value < limit.min;
  const bound = formatLimit(limit.form, tooLow ? limit.min : limit.max);
  const message = `${name} is ${text}, and must be at ${tooLow ? 'least' : 'most'} ${bound}`;
  return refused('out-of-range', message, tooLow ? limit.reason : undefined);
}
