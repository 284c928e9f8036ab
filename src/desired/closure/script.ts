/** What the first line of a script asks for. */
export interface ScriptInterpreter {
  /** The program that the kernel starts. */
  readonly path: string;
  /** The command that env(1) looks up on PATH, when the program is env. */
  readonly command?: string;
}

/** BINPRM_BUF_SIZE: the kernel reads no more of a script. */
export const scriptHeadBytes = 256;

/** env(1)'s options that take a value as the next word. */
const optionsWithValue = new Set(['-u', '--unset', '-C', '--chdir', '-a', '--argv0']);

/** The command in env's arguments: what follows its options and its assignments. */
function commandOf(words: readonly string[]): string | undefined {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (optionsWithValue.has(word)) index++;
    else if (!word.startsWith('-') && !word.includes('=')) return word;
  }
  return undefined;
}

/** The words of `env -S TEXT`: enough of its quoting for a command name. */
function splitString(text: string): readonly string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g) ?? []).map((word) =>
    word.replace(/["']/g, ''),
  );
}

/**
 * The `#!` line as execve(2) reads it: the program up to the first blank, and all the rest as one
 * argument. Undefined where there is none, or it is cut off by the kernel's limit.
 * @param head the first bytes of the file, up to scriptHeadBytes
 */
export function parseShebang(head: Uint8Array): ScriptInterpreter | undefined {
  const text = new TextDecoder('latin1').decode(head.subarray(0, scriptHeadBytes));
  if (!text.startsWith('#!')) return undefined;
  const [line = ''] = text.slice(2).split('\n', 1);
  const [, path, argument = ''] = /^[ \t]*([^ \t\0]+)[ \t]*([^\0]*)/.exec(line) ?? [];
  if (path === undefined || !path.startsWith('/')) return undefined;
  if (!path.endsWith('/env')) return { path };
  const split = /^(?:-[iv0]*S|--split-string=)(.*)$/s.exec(argument.trim());
  const command = commandOf(split ? splitString(split[1] ?? '') : [argument.trim()]);
  return command === undefined || command === '' ? { path } : { path, command };
}
