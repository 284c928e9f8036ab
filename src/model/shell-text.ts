/** Text for a shell, whatever is in it (POSIX, Shell Command Language, 2.2.2). */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command for a person to type: only what a shell would not take as it is gets quotes. */
export function commandText(argv: readonly (string | number)[]): string {
  return argv
    .map(String)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellQuote(word)))
    .join(' ');
}
