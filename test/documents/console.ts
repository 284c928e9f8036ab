/** A command as README shows it, and the output that it shows for it. */
export interface ShownCommand {
  /** Shell text. */
  readonly command: string;
  /** Lines; one that is only `…` stands for any lines. */
  readonly output: readonly string[];
}

/** The fenced blocks of a Markdown text in one language. */
export function blocks(markdown: string, language: string): readonly string[] {
  const fences = markdown.matchAll(/^```(\S*)\n(.*?)^```$/gms);
  return [...fences].filter(([, name]) => name === language).map(([, , text = '']) => text);
}

/** The commands of a console block: those of root's prompt, `# `. */
export function shownCommands(block: string): readonly ShownCommand[] {
  return block
    .split(/^# /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.replace(/\n$/, '').split('\n');
      return { command, output };
    });
}

/** Counts and sizes depend on the versions of the host's packages. */
function withoutAmounts(line: string): string {
  return line.replace(
    /\d[\d,.]*(?= (?:files?|other paths?|bytes|KiB|MiB|to create|known weakness(?:es)?)\b)/g,
    'N',
  );
}

/** Are these the lines that are shown, apart from amounts and lines left out? */
export function isShown(shown: readonly string[], real: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return real.length === 0;
  if (first.trim() === '…') {
    return [...real.keys(), real.length].some((start) => isShown(rest, real.slice(start)));
  }
  const [line, ...others] = real;
  if (line === undefined || withoutAmounts(line) !== withoutAmounts(first)) return false;
  return isShown(rest, others);
}
