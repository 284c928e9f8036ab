import { printable } from '../model/printable.ts';
import { short } from './verify-lines.ts';

/**
 * What a tenant may have chosen, as code: there, it makes no link, no picture, no HTML, and calls
 * nobody by @name. A backtick would end the code, and a bar the cell.
 */
export function code(text: string): string {
  return `\`${short(text).replaceAll('`', '\\x60').replaceAll('|', '\\x7c')}\``;
}

/** Words of jailctl itself, as they are. */
export function plain(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|~&#@]/g, '\\$&');
}

/** A table that ends with a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
