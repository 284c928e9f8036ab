import { printable } from '../model/printable.ts';

/** Columns of a terminal that nobody has widened, and of a page that is read in a log. */
export const columnsMax = 80;

/** More of one text nobody reads, and a comment has a limit; --json has all of it. */
const charactersMax = 600;

/**
 * Text that nothing in it steers a terminal by; its end is cut where it is too long, but never in the
 * middle of an escape.
 */
export function short(text: string): string {
  let shown = '';
  for (const character of text) {
    const piece = printable(character);
    if (shown.length + piece.length > charactersMax) return `${shown}…`;
    shown += piece;
  }
  return shown;
}

/** A word that is longer than a line is broken: a tenant can make one as long as it likes. */
function pieces(word: string, columns: number): readonly string[] {
  const characters = Array.from(word);
  const count = Math.ceil(characters.length / columns);
  return Array.from({ length: count }, (_, index) =>
    characters.slice(index * columns, (index + 1) * columns).join(''),
  );
}

/** Text in lines of at most so many characters, broken at spaces. */
export function wrap(text: string, columns: number): readonly string[] {
  const words = short(text).split(' ');
  const lines: string[] = [];
  let line = '';
  for (const word of words.flatMap((one) => pieces(one, columns))) {
    const longer = line === '' ? word : `${line} ${word}`;
    const isTooLong = Array.from(longer).length > columns;
    if (isTooLong) lines.push(line);
    line = isTooLong ? word : longer;
  }
  return [...lines, line];
}

/** Text with a margin before every line. @param hang that of all lines but the first */
export function indented(text: string, margin: number, hang = margin): readonly string[] {
  const lines = wrap(text, columnsMax - hang);
  return lines.map((line, index) => `${' '.repeat(index === 0 ? margin : hang)}${line}`);
}

/** `  gain    every file of the host`, with the lines that follow below the text. */
export function labelled(label: string, text: string, margin: number): readonly string[] {
  const [first = '', ...rest] = indented(text, margin);
  return [`  ${label.padEnd(margin - 2)}${first.slice(margin)}`, ...rest];
}
