import { styleText } from 'node:util';
import type { Diagnostic, Location } from '../model/diagnostic.ts';
import { printable } from '../model/printable.ts';

/** More are counted, not shown: nobody reads them, and the first mend most of the rest. */
const shownMax = 50;
/** Columns of a line that are shown, around the place that is meant. */
const lineColumnsMax = 80;

type Paint = (style: 'bold' | 'red' | 'cyan' | 'dim', text: string) => string;

/**
 * Writes diagnostics for a person: `jails.yaml:7:12: message`, the line with its place underlined,
 * a hint, and at the end how many there are. Nothing in them reaches the terminal as an escape
 * sequence. Empty for an empty list; else it ends with a newline.
 */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: { readonly color: boolean },
): string {
  if (diagnostics.length === 0) return '';
  const paint: Paint = options.color
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
  const shown = diagnostics.slice(0, shownMax).map((diagnostic) => format(diagnostic, paint));
  return `${[...shown, paint('bold', summary(diagnostics))].join('\n\n')}\n`;
}

function format({ message, hint, at }: Diagnostic, paint: Paint): string {
  const place = at === undefined ? 'error' : `${printable(at.file)}:${at.line}:${at.column}`;
  return [
    `${paint('bold', `${place}:`)} ${printable(message)}`,
    ...(at === undefined || at.text.trim() === '' ? [] : excerpt(at, paint)),
    ...(hint === undefined ? [] : [`  ${paint('cyan', 'hint:')} ${printable(hint)}`]),
  ].join('\n');
}

/** The line and its underline. A line that is too long is cut around the place. */
function excerpt(at: Location, paint: Paint): readonly string[] {
  const start = at.column - 1;
  const before = cells(at.text.slice(0, start));
  const meant = cells(at.text.slice(start, start + at.length));
  const after = cells(at.text.slice(start + at.length));
  const kept = take(meant, lineColumnsMax);
  const rest = lineColumnsMax - width(kept);
  const left = take(before.toReversed(), Math.max(rest - width(take(after, rest / 2)), rest / 2));
  const right = take(after, rest - width(left));
  const cutLeft = left.length < before.length ? '…' : '';
  const cutRight = kept.length < meant.length || right.length < after.length ? '…' : '';
  const prefix = cutLeft + left.toReversed().join('');
  const number = String(at.line).padStart(5);
  const bar = paint('dim', '|');
  const underline = paint('red', '^'.repeat(Math.max(1, width(kept))));
  return [
    `${paint('dim', number)} ${bar} ${prefix}${kept.join('')}${right.join('')}${cutRight}`,
    `${' '.repeat(number.length)} ${bar} ${' '.repeat(width([...prefix]))}${underline}`,
  ];
}

/** What is shown for each character: tabs as two spaces, what could steer a terminal as escapes. */
function cells(text: string): readonly string[] {
  return Array.from(text, (character) => (character === '\t' ? '  ' : printable(character)));
}

/** The first cells that fit into so many columns. */
function take(all: readonly string[], columnsMax: number): readonly string[] {
  let columns = 0;
  const end = all.findIndex((cell) => {
    columns += width([cell]);
    return columns > columnsMax;
  });
  return end === -1 ? all : all.slice(0, end);
}

/** Characters that take two columns (UAX #11, the common blocks), and those that take none. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /[\p{Mn}\p{Me}]/u;

function width(all: readonly string[]): number {
  let columns = 0;
  for (const character of all.join('')) {
    if (!combining.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

/** `3 errors in jails.yaml`, `5 errors in 4 files`. */
function summary(diagnostics: readonly Diagnostic[]): string {
  const files = [...new Set(diagnostics.flatMap(({ at }) => (at === undefined ? [] : [at.file])))];
  const count = `${diagnostics.length} ${diagnostics.length === 1 ? 'error' : 'errors'}`;
  const hidden = diagnostics.length - shownMax;
  const shown = hidden > 0 ? `, of which ${hidden} are not shown` : '';
  if (files.length === 0) return `${count}${shown}`;
  const names =
    files.length > 3
      ? `${files.length} files`
      : new Intl.ListFormat('en').format(files.map(printable));
  return `${count} in ${names}${shown}`;
}
