import { Option } from 'commander';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Scope } from '../model/scope.ts';

export const colorModes = ['auto', 'always', 'never'] as const;
export type ColorMode = (typeof colorModes)[number];

/** Options that more than one command has. Every one has an environment variable. */
export interface CommonOptions {
  readonly file: string;
  readonly jail?: readonly string[];
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly color: ColorMode;
}

export const fileOption = () =>
  new Option('-f, --file <file>', 'the manifest').default('jails.yaml').env('JAILCTL_FILE');

export const jailOption = () =>
  new Option(
    '--jail <name...>',
    'only these jails; the environment variable lists them with commas',
  ).env('JAILCTL_JAIL');

export const jsonOption = () =>
  new Option('--json', 'print JSON on stdout, and nothing else').env('JAILCTL_JSON');

export const yesOption = () => new Option('-y, --yes', 'do it without asking').env('JAILCTL_YES');

export const colorOption = () =>
  new Option('--color <when>', 'colours in text')
    .choices(colorModes)
    .default('auto')
    .env('JAILCTL_COLOR');

/** @throws Failure for a name that is none of `known` */
export function scopeOf(names: readonly string[] | undefined, known: Iterable<string>): Scope {
  if (names === undefined) return undefined;
  const wanted = new Set(names.flatMap((name) => name.split(',')).filter((name) => name !== ''));
  const all = new Set(known);
  for (const name of wanted) {
    if (all.has(name)) continue;
    throw new Failure(`there is no jail ${name}, neither in the manifest nor on this host`, {
      exitCode: exitCode.usage,
      hint: `jails: ${[...all].sort().join(', ') || 'none'}`,
    });
  }
  return wanted;
}

/** no-color.org: NO_COLOR, when it is not empty, turns colours off. */
export function wantsColor(
  mode: ColorMode,
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (mode !== 'auto') return mode === 'always';
  const off = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  const inCi = (environment['CI'] ?? '') !== '';
  return stream.isTTY === true && !off && !inCi;
}
