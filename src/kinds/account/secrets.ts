/**
 * Hides what may be a password or its hash in lines of the account files: field 2, unless it is of
 * the kind that no password fits (`x`, `!*`, empty), and every field that looks like a hash
 * (crypt(5): `$id$…`), as in a damaged entry. To hide twice is the same as to hide once.
 */
export function withoutPassword(entries: string): string {
  return entries
    .replace(/^([^:\n]*):(?![!*x]*(?::|$))[^:\n]*/gm, '$1:(not shown)')
    .replace(/[^:\n]*\$[^:\n]*/g, '(not shown)');
}
