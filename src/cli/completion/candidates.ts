import type { Command, Option } from 'commander';
import { limitForms } from '../../model/limit-forms.ts';
import { collect } from '../options.ts';
import type { Parsed, Spot } from './words.ts';

/** What the names of a host and of its manifest are asked of, only when they are needed. */
export interface Names {
  /** Of a manifest: of `--file`, else the usual one. Empty where it can't be read. */
  inManifest(file: string | undefined): ReadonlyMap<string, readonly string[]>;
  /** Users of each jail of this host. Empty for anybody but root. */
  onHost(): ReadonlyMap<string, readonly string[]>;
  /** Commands that a jail of this host has. */
  programsIn(jail: string): readonly string[];
  probes(): Promise<readonly string[]>;
}

interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What can stand at the cursor. */
export interface Completion {
  /** What the shell completes by itself as well. */
  readonly paths: 'none' | 'files' | 'directories';
  readonly candidates: readonly Candidate[];
}

const nothing: Completion = { paths: 'none', candidates: [] };
const values = (some: Iterable<string>): Completion => ({
  paths: 'none',
  candidates: [...some].map((value) => ({ value })),
});

function visibleCommands(program: Command): Completion {
  const commands = program.createHelp().visibleCommands(program);
  const candidates = commands.map((command) => ({
    value: command.name(),
    description: command.description(),
  }));
  return { paths: 'none', candidates };
}

/** Options that are there, but for those that were given and can be given once only. */
function options({ command, used }: Extract<Spot, { at: 'option' }>): Completion {
  const isOver = (option: Option) =>
    used.includes(option) && !option.variadic && option.parseArg !== collect;
  const left = command.createHelp().visibleOptions(command);
  return {
    paths: 'none',
    candidates: left
      .filter((option) => !isOver(option))
      .map(({ long, short, description }) => ({ value: long ?? short ?? '', description })),
  };
}

/** The word between the angle brackets of an option: `<file>`. */
function valueName({ flags }: Option): string {
  return /[<[]([^\]>.]+)/.exec(flags)?.[1] ?? '';
}

const pathsOf: Readonly<Record<string, Completion['paths']>> = {
  file: 'files',
  jobs: 'files',
  'src:dst': 'files',
  directory: 'directories',
};

function allNames(names: Names, file: string | undefined) {
  return new Map([...names.inManifest(file), ...names.onHost()]);
}

async function optionValues(option: Option, names: Names, parsed: Parsed): Promise<Completion> {
  if (option.argChoices !== undefined) return values(option.argChoices);
  const name = valueName(option);
  const paths = pathsOf[name];
  if (paths !== undefined) return { paths, candidates: [] };
  if (option.long === '--jail') return values(allNames(names, parsed.file).keys());
  if (option.long === '--limit') {
    return values(Object.keys(limitForms).map((limit) => `${limit}=`));
  }
  if (name === 'probe') return values(await names.probes());
  return nothing;
}

/** JAIL, and JAIL/USER once the slash is there. */
function targets(names: Names, current: string, file: string | undefined): Completion {
  // A jail that the host does not have can't run anything; only root sees which it has.
  const onHost = names.onHost();
  const known = onHost.size > 0 ? onHost : names.inManifest(file);
  const slash = current.indexOf('/');
  if (slash === -1) return values(known.keys());
  const jail = current.slice(0, slash);
  return values((known.get(jail) ?? []).map((user) => `${jail}/${user}`));
}

function argumentValues(
  { command, argument }: Extract<Spot, { at: 'argument' }>,
  names: Names,
  { current, file }: Parsed,
): Completion {
  if (argument.argChoices !== undefined) return values(argument.argChoices);
  const paths = pathsOf[argument.name()];
  if (paths !== undefined) return { paths, candidates: [] };
  if (argument.name() === 'jail') {
    return command.name() === 'exec'
      ? targets(names, current, file)
      : values(names.inManifest(file).keys());
  }
  // A path in a jail is one of the host, too.
  return argument.name() === 'path' ? { paths: 'files', candidates: [] } : nothing;
}

/** What can stand at a spot, whatever was typed of it. */
async function possible(program: Command, names: Names, parsed: Parsed): Promise<Completion> {
  const { spot, given } = parsed;
  switch (spot.at) {
    case 'command':
      return visibleCommands(program);
    case 'option':
      return options(spot);
    case 'value':
      return optionValues(spot.option, names, parsed);
    case 'argument':
      return argumentValues(spot, names, parsed);
    case 'program': {
      if (spot.index > 0) return { paths: 'files', candidates: [] };
      return values(names.programsIn(given[0]?.split('/')[0] ?? ''));
    }
    case 'nothing':
      return nothing;
  }
}

/** Names are those of a host: none may have a meaning to a shell that completes it. */
const harmless = /^[\w.+@%,:=/-]+$/;

/** What completes the word at the cursor, and begins as it does. */
export async function complete(
  program: Command,
  names: Names,
  parsed: Parsed,
): Promise<Completion> {
  const { paths, candidates } = await possible(program, names, parsed);
  const prefix = parsed.spot.at === 'value' ? parsed.spot.prefix : '';
  const fitting = candidates
    .filter(({ value }) => value.startsWith(parsed.current) && harmless.test(value))
    .map((candidate) => ({ ...candidate, value: `${prefix}${candidate.value}` }));
  return { paths, candidates: fitting };
}
