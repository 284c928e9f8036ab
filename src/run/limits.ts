import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import { formatLimit, type LimitForm, limitForms, parseLimitText } from '../model/limit-forms.ts';
import { nearest } from '../model/nearest.ts';
import { type Problem, quote } from '../model/problem.ts';
import type { RunLimits } from './run-spec.ts';

const kib = 2 ** 10;
const tib = 2 ** 40;

/** Every limit of a run, by the name that people write. */
export const runLimitForms: Readonly<Record<string, LimitForm<keyof RunLimits>>> = {
  ...limitForms,
  // The kernel's quota is at least 1 ms of each 100 ms.
  cpus: { field: 'cpus', form: 'processors', min: 0.01, max: 8192 },
  tmp_size: { field: 'tmpSizeBytes', form: 'size', min: 64 * kib, max: 16 * tib },
  disk: { field: 'diskBytes', form: 'size', min: 64 * kib, max: 16 * tib },
};

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
  const form = Object.hasOwn(runLimitForms, name) ? runLimitForms[name] : undefined;
  if (form === undefined) {
    const names = Object.keys(runLimitForms);
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
  jail: RunLimits,
  overrides: readonly LimitOverride[],
  allowRaise: boolean,
): Checked<RunLimits> {
  const diagnostics: Diagnostic[] = [];
  const merged: Partial<Record<keyof RunLimits, number>> = {};
  for (const { name, value } of overrides) {
    const form = runLimitForms[name];
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
