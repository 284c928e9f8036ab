import { styleText } from 'node:util';

export type Style = 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'dim';

/** Writes text in a style, or as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export function painter(color: boolean): Paint {
  // Whether there is a terminal was decided before: the caller says so.
  return color
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
}
