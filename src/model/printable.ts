/**
 * Characters that must not reach a terminal as they are: controls (escape sequences), format
 * characters (the bidirectional overrides of CVE-2021-42574), lone surrogates, line separators.
 */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text with everything that could steer a terminal written as an escape: `\x1b`, `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}
