import type { Location } from '../model/diagnostic.ts';

/** Offsets in a text, counted in UTF-16 code units; `end` is not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text file, and where its offsets are in lines and columns. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** The place of a span; one that crosses lines ends with its first line. */
  locate(span: Span): Location;
}

/** Indexes the lines of a text, which end with `\n` or `\r\n`. */
export function openSource(file: string, text: string): Source {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }
  return {
    file,
    text,
    locate: ({ start, end }) => {
      const index = lastAtOrBefore(lineStarts, start);
      const lineStart = lineStarts[index] ?? 0;
      const lineEnd = (lineStarts[index + 1] ?? text.length + 1) - 1;
      return {
        file,
        line: index + 1,
        column: start - lineStart + 1,
        length: Math.max(1, Math.min(end, lineEnd) - start),
        text: text.slice(lineStart, lineEnd).replace(/\r$/, ''),
      };
    },
  };
}

/** Index of the last number that is not above `limit`, in a rising list that starts with 0. */
function lastAtOrBefore(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rising[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
