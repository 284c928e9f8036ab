import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { namesHint } from '../model/nearest.ts';
import type { Scope } from '../model/scope.ts';
import { engineNames } from '../model/settings.ts';

export const colorModes = ['auto', 'always', 'never'] as const;
export type ColorMode = (typeof colorModes)[number];

/** Options that more than one command has. Every one has an environment variable. */
export interface CommonOptions {
  readonly file: string;
  readonly jail?: readonly string[];
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly destroyData?: boolean;
  /** A directory; false: homes are not kept, whatever their jail says. */
  readonly archive?: string | false;
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

export const destroyDataOption = () =>
  flag('destroy-data', 'delete homes that are not empty, where the plan says so');

export const archiveOption = () =>
  new Option('--archive <directory>', 'first write each home that is deleted there')
    .env('JAILCTL_ARCHIVE')
    .argParser((directory) => {
      if (directory === '') throw new InvalidArgumentError('Which directory?');
      return directory;
    });

export const noArchiveOption = () =>
  flag('no-archive', 'keep no home that is deleted, though its jail says so');

export const colorOption = () =>
  new Option('--color <when>', 'colours in text')
    .choices(colorModes)
    .default('auto')
    .env('JAILCTL_COLOR');

export const engineOption = () =>
  new Option('--engine <name>', 'choose what runs programs')
    .choices(engineNames)
    .env('JAILCTL_ENGINE');

/** For an option that can be repeated. A variadic one would take the argument after it, too. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** An option with the variable of its name: `--fresh-home` and JAILCTL_FRESH_HOME. */
export function flag(form: string, description: string): Option {
  const name = form.split(' ')[0]?.replaceAll('-', '_').toUpperCase();
  return new Option(`--${form}`, description).env(`JAILCTL_${name}`);
}

type Environment = NodeJS.ProcessEnv;

/** What the variable of a flag may say. Nothing else is guessed at: a wrong guess could be a yes. */
const flagWords: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  on: true,
  '': false,
  '0': false,
  false: false,
  no: false,
  off: false,
};

/** Does the variable of a flag turn it on? A word that says neither yes nor no is no yes. */
export function isOn(environment: Environment, variable: string): boolean {
  return flagWords[(environment[variable] ?? '').toLowerCase()] === true;
}

/**
 * commander reads process.env itself, and there any value of a flag's variable means yes, and an
 * empty text is a value. So the variables that say no, or nothing, are taken away before.
 * @param environment process.env, which is changed
 * @throws Failure for a flag's variable that says neither yes nor no
 */
export function settleEnvironment(program: Command, environment: Environment): void {
  for (const option of program.commands.flatMap((command) => command.options)) {
    const variable = option.envVar;
    const value = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || value === undefined) continue;
    if (!option.isBoolean() && !option.negate) {
      if (value === '') delete environment[variable];
      continue;
    }
    const says = flagWords[value.toLowerCase()];
    if (says === undefined) {
      throw new Failure(`${variable} is "${value}", which says neither yes nor no`, {
        exitCode: exitCode.usage,
        hint: `${variable}=1 turns ${option.long} on, ${variable}=0 turns it off`,
      });
    }
    if (!says) delete environment[variable];
  }
}

/**
 * @param known the jails that there are; `where` says of what, for the message
 * @throws Failure for a name that is none of `known`, and for a list without a name
 */
export function scopeOf(
  names: readonly string[] | undefined,
  known: Iterable<string>,
  where: string,
): Scope {
  if (names === undefined) return undefined;
  const wanted = new Set(names.flatMap((name) => name.split(',')).filter((name) => name !== ''));
  if (wanted.size === 0) {
    throw new Failure('--jail names no jail', {
      exitCode: exitCode.usage,
      hint: 'name one, or leave --jail out for all jails',
    });
  }
  const all = new Set(known);
  for (const name of wanted) {
    if (all.has(name)) continue;
    throw new Failure(`there is no jail ${name} ${where}`, {
      exitCode: exitCode.usage,
      hint: namesHint(name, all, 'jails'),
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
