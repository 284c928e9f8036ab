import { limitForms, parseLimitText } from '../model/limit-forms.ts';
import { type Parsed, parsed } from '../model/problem.ts';
import type { Limits } from '../model/settings.ts';

/** Limits of a run whose manifest names none. */
export const builtinLimits: Limits = {
  processes: 64,
  memoryBytes: 256 * 2 ** 20,
  cpuTimeSeconds: 10,
  wallTimeSeconds: 30,
  fileSizeBytes: 16 * 2 ** 20,
  openFiles: 64,
  outputBytes: 2 ** 20,
  tmpSizeBytes: 64 * 2 ** 20,
};

/**
 * Reads one limit of a manifest. Undefined for a key that is no limit and for a value of the wrong
 * type: the schema reports those, and holds the ranges of those that are numbers.
 */
export function parseLimit(
  key: string,
  value: unknown,
): { readonly field: keyof Limits; readonly number: Parsed<number> } | undefined {
  const limit = Object.hasOwn(limitForms, key) ? limitForms[key] : undefined;
  if (limit === undefined) return undefined;
  const { field, form } = limit;
  if (form === 'count') {
    return typeof value === 'number' ? { field, number: parsed(value) } : undefined;
  }
  const isNumber = form === 'processors' && typeof value === 'number';
  const text = isNumber && value >= limit.min && value <= limit.max ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  return { field, number: parseLimitText(key, limit, text) };
}
