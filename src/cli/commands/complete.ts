import type { Command } from 'commander';
import { readRegister } from '../../kinds/jail/observe.ts';
import { commandDirectories } from '../../model/command-directories.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { below, registerDirectory } from '../../model/host-paths.ts';
import { type Completion, complete, type Names } from '../completion/candidates.ts';
import { parseWords } from '../completion/words.ts';
import type { Context } from '../context.ts';
import { defaultManifest } from '../drift.ts';
import { readManifest } from '../prepare.ts';
import type { ShellName } from './completion.ts';

/** At a cursor nothing can be said: what can't be read has no names. */
function orElse<T>(fallback: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Failure) return fallback;
    throw error;
  }
}

function namesOf(context: Context, environment: NodeJS.ProcessEnv): Names {
  const { reader } = context;
  const usual = environment['JAILCTL_FILE'] || defaultManifest;
  return {
    inManifest: (file = usual) =>
      orElse(new Map(), () => {
        const { jails } = readManifest(context, file);
        const numbers = (users: number) => Array.from({ length: users }, (_, index) => index + 1);
        return new Map(
          jails.map(({ name, users }) => [name, numbers(users).map((number) => name + number)]),
        );
      }),
    onHost: () =>
      orElse(new Map(), () => {
        const jails = [...readRegister(reader).values()];
        return new Map(
          jails.map(({ name, settings }) => [name, (settings?.users ?? []).map((one) => one.name)]),
        );
      }),
    programsIn: (jail) =>
      orElse([], () => {
        const entry = `${registerDirectory}/${jail}`;
        if (reader.lstat(entry)?.type !== 'symlink') return [];
        const root = reader.readLink(entry);
        const found = commandDirectories.flatMap((path) => reader.list(below(root, path)) ?? []);
        return [...new Set(found)].sort();
      }),
    probes: async () => {
      const { allProbes } = await import('../../verify/probes.ts');
      const { groupNames } = await import('../../verify/probe.ts');
      return [...groupNames, ...allProbes.map(({ id }) => id)];
    },
  };
}

/** Where bash breaks words, by its COMP_WORDBREAKS. */
const breaks = /^[=:]+$/;

/** Joins what bash has broken: `--file`, `=`, `name`. */
function joinBroken(words: readonly string[]): readonly string[] {
  return words.reduce<string[]>((joined, word, index) => {
    const before = words[index - 1] ?? '';
    if (index > 0 && (breaks.test(word) || breaks.test(before))) {
      joined.push(`${joined.pop() ?? ''}${word}`);
    } else joined.push(word);
    return joined;
  }, []);
}

function format({ paths, candidates }: Completion, cut: number): string {
  const lines = candidates.map(({ value, description }) =>
    description === undefined ? value.slice(cut) : `${value.slice(cut)}\t${description}`,
  );
  return [paths, ...lines, ''].join('\n');
}

/**
 * Answers the scripts of `completion`.
 * @param words of the command line after `jailctl`, as the shell has them, up to the cursor
 */
export async function completeCommand(
  context: Context,
  program: Command,
  shell: ShellName,
  words: readonly string[],
): Promise<ExitCode> {
  const whole = shell === 'bash' ? joinBroken(words) : words;
  const parsed = parseWords(program, whole);
  const completion = await complete(program, namesOf(context, process.env), parsed);
  // bash replaces what is after the last break only.
  const joined = whole.at(-1) ?? '';
  const last = words.at(-1) ?? '';
  const cut = joined.length - (breaks.test(last) ? 0 : last.length);
  context.output.result(format(completion, cut));
  return exitCode.done;
}
