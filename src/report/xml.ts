import { printable } from '../model/printable.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no controls, not even as references: they become escapes, as on a terminal. */
export function xml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (sign) => entities[sign] ?? '');
}

/** ` name="value"` for each. */
export function attributes(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}
