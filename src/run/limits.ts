import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import { formatLimit, type LimitForm, limitForms, parseLimitText } from '../model/limit-forms.ts';
import { nearest } from '../model/nearest.ts';
import { type Problem, quote } from '../model/problem.ts';
import type { Limits } from '../model/settings.ts';

/** One limit that the caller of a run asks for. */
export interface LimitOverride {
  readonly name: string;
  readonly value: number;
}

const example = 'example: --limit memory=128MiB';

/** Reads what follows `--limit`: `memory=128MiB`. */
export function parseLimitOverride(text: string): Checked<LimitOverride> {
  const refuse = (problem: Problem) => ({ ok: false, diagnostics: [problem] }) as const;
  const equals = text.indexOf('=');
  if (equals < 1) {
    return refuse({
      code: 'bad-limit',
      message: `${quote(text)} is not a name, an equals sign and a value`,
      hint: example,
    });
  }
  const name = text.slice(0, equals);
  const form = Object.hasOwn(limitForms, name) ? limitForms[name] : undefined;
  if (form === undefined) {
    const names = Object.keys(limitForms);
    const near = nearest(name, names);
    return refuse({
      code: 'unknown-limit',
      message: `there is no limit ${quote(name)}`,
      hint: near === undefined ? `limits: ${names.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const value = parseLimitText(name, form, text.slice(equals + 1));
  return value.ok ? { ok: true, value: { name, value: value.value } } : refuse(value.problem);
}

/** The same from numbers, in bytes, seconds and pieces: the form of a program. */
export function limitOverrides(limits: Partial<Limits>): Checked<readonly LimitOverride[]> {
  const diagnostics: Diagnostic[] = [];
  const overrides: LimitOverride[] = [];
  for (const [field, value] of Object.entries(limits)) {
    const name = Object.keys(limitForms).find((one) => limitForms[one]?.field === field);
    const form = name === undefined ? undefined : limitForms[name];
    if (name === undefined || form === undefined) {
      diagnostics.push({ code: 'unknown-limit', message: `there is no limit ${quote(field)}` });
    } else if (typeof value !== 'number' || !(value >= form.min && value <= form.max)) {
      const message = `${field} is ${value}, and must be from ${form.min} to ${form.max}`;
      diagnostics.push({ code: 'out-of-range', message });
    } else if (form.form !== 'processors' && !Number.isInteger(value)) {
      // The kernel counts none of the others in fractions.
      const message = `${field} is ${value}, which is not a whole number`;
      diagnostics.push({ code: 'not-whole', message });
    } else {
      overrides.push({ name, value });
    }
  }
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, value: overrides };
}

function raised(name: string, form: LimitForm<unknown>, ours: number, asked: number): Diagnostic {
  const format = (value: number) => formatLimit(form.form, value);
  return {
    code: 'limit-raised',
    message: `${name}=${format(asked)} is more than the jail's limit of ${format(ours)}`,
    hint: `ask for at most ${format(ours)}, or raise the limit for this run with --allow-raise, or for every run in the manifest`,
  };
}

/**
 * The limits of one run: those of its jail, with what the caller asks for. A limit can be made
 * stricter by anybody who starts a run; weaker only where `allowRaise` says that it is meant.
 * @returns every override that is refused, not just the first
 */
export function mergeLimits(
  jail: Limits,
  overrides: readonly LimitOverride[],
  allowRaise: boolean,
): Checked<Limits> {
  const diagnostics: Diagnostic[] = [];
  const merged: Partial<Record<keyof Limits, number>> = {};
  for (const { name, value } of overrides) {
    const form = limitForms[name];
    if (form === undefined) throw new RangeError(`there is no limit ${name}`);
    // A limit that the jail does not have is infinite.
    const ours = jail[form.field] ?? Number.POSITIVE_INFINITY;
    if (form.field in merged) {
      diagnostics.push({ code: 'limit-twice', message: `the limit ${name} is given twice` });
    } else if (value > ours && !allowRaise) {
      diagnostics.push(raised(name, form, ours, value));
    }
    merged[form.field] = value;
  }
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: { ...jail, ...merged } };
}
