import type { Argument, Command, Option } from 'commander';

/** Where the cursor is, by what the program takes there. */
export type Spot =
  | { readonly at: 'command' }
  | { readonly at: 'option'; readonly command: Command; readonly used: readonly Option[] }
  | { readonly at: 'value'; readonly option: Option; readonly prefix: string }
  | { readonly at: 'argument'; readonly command: Command; readonly argument: Argument }
  /** Of the program that `exec` runs; 0 is the program itself. */
  | { readonly at: 'program'; readonly index: number }
  | { readonly at: 'nothing' };

/** What the words before the cursor's said. */
export interface Parsed {
  readonly spot: Spot;
  /** The word at the cursor, without a `--option=` before it. */
  readonly current: string;
  readonly command?: Command;
  /** The arguments before the cursor. */
  readonly given: readonly string[];
  /** The last value of `--file`. */
  readonly file?: string;
}

const takesValue = (option: Option) => option.required || option.optional;

/** Follows the words of a command up to the cursor. */
class Walk {
  readonly command: Command;
  readonly given: string[] = [];
  readonly used: Option[] = [];
  file: string | undefined;
  /** The option whose value the next word may be. */
  open: Option | undefined;
  /** Only a value of it can follow. */
  mustFollow = false;
  optionsEnded = false;

  constructor(command: Command) {
    this.command = command;
  }

  /** Does all that follows belong to the program that is run? */
  get passedThrough(): boolean {
    return this.command.name() === 'exec' && this.given.length > 0;
  }

  take(word: string): void {
    const isOption = word.startsWith('-') && word !== '-' && !this.optionsEnded;
    if (this.open !== undefined && (this.mustFollow || !isOption)) {
      if (this.open.long === '--file') this.file = word;
      if (!this.open.variadic) this.open = undefined;
      this.mustFollow = false;
      return;
    }
    this.open = undefined;
    if (this.passedThrough || !isOption) {
      this.given.push(word);
      return;
    }
    if (word === '--') {
      this.optionsEnded = true;
      return;
    }
    this.#takeOption(word);
  }

  #takeOption(word: string): void {
    const [name = '', value] = splitOption(word);
    const option = this.command.options.find(({ long, short }) => name === long || name === short);
    if (option === undefined) return;
    this.used.push(option);
    if (!takesValue(option)) return;
    if (value === undefined) {
      this.open = option;
      this.mustFollow = option.required;
    } else if (option.long === '--file') this.file = value;
  }
}

/** `--color=red` as `--color` and `red`. */
function splitOption(word: string): readonly [name: string, value?: string] {
  const equals = word.indexOf('=');
  return equals === -1 || !word.startsWith('--')
    ? [word]
    : [word.slice(0, equals), word.slice(equals + 1)];
}

function spotOf(walk: Walk, current: string): { spot: Spot; current: string } {
  const { command, open, given } = walk;
  const isOption = current.startsWith('-') && !walk.optionsEnded && !walk.passedThrough;
  if (open !== undefined && (walk.mustFollow || !isOption)) {
    return { spot: { at: 'value', option: open, prefix: '' }, current };
  }
  if (isOption) {
    const [name, value] = splitOption(current);
    const option = command.options.find(({ long }) => long === name);
    if (value === undefined) return { spot: { at: 'option', command, used: walk.used }, current };
    if (option === undefined || !takesValue(option)) return { spot: { at: 'nothing' }, current };
    return { spot: { at: 'value', option, prefix: `${name}=` }, current: value };
  }
  if (walk.passedThrough) {
    const words = given[1] === '--' ? given.slice(2) : given.slice(1);
    return { spot: { at: 'program', index: words.length }, current };
  }
  const argument = command.registeredArguments[given.length];
  return { spot: argument ? { at: 'argument', command, argument } : { at: 'nothing' }, current };
}

/**
 * Tells where the cursor is in a command line.
 * @param words those after `jailctl`, the last one up to the cursor
 */
export function parseWords(program: Command, words: readonly string[]): Parsed {
  const [name, ...rest] = words;
  const current = words.at(-1) ?? '';
  if (rest.length === 0 || name === undefined) {
    const isOption = current.startsWith('-');
    const spot: Spot = isOption ? { at: 'option', command: program, used: [] } : { at: 'command' };
    return { spot, current, given: [] };
  }
  if (name === 'help' && rest.length === 1) return { spot: { at: 'command' }, current, given: [] };
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return { spot: { at: 'nothing' }, current, given: [] };
  const walk = new Walk(command);
  for (const word of rest.slice(0, -1)) walk.take(word);
  const { given, file } = walk;
  return { ...spotOf(walk, current), command, given, ...(file !== undefined && { file }) };
}
