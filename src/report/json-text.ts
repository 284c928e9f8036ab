/**
 * What a terminal may take for a command: the C1 controls (of which U+009B is the control sequence
 * introducer), and the signs that turn the direction of text (CVE-2021-42574). JSON escapes the
 * controls below U+0020 by itself.
 */
const harmful = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A document with a line break at its end: the same to every reader of JSON, and harmless on a
 * terminal.
 * @param indent spaces for each level; absent: all on one line
 */
export function jsonText(document: unknown, indent?: number): string {
  const text = JSON.stringify(document, null, indent);
  const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${text.replace(harmful, escaped)}\n`;
}
