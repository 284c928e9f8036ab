/**
 * The account files (passwd, group, shadow, gshadow) as text: one entry a line, its name before the
 * first colon. Several entries of one name are given as one text, joined by `\n`.
 *
 * Whatever is not named stays byte for byte: comments, blank lines, NIS lines, carriage returns,
 * and whether the last line has an end.
 */

/**
 * glibc skips blanks before an entry (nss_files, `parse_line`), so ` web1:…` is web1's too.
 * @returns the empty name for comments and blank lines
 */
function nameOf(line: string): string {
  const colon = line.indexOf(':');
  const name = (colon === -1 ? line : line.slice(0, colon)).trimStart();
  return name.startsWith('#') ? '' : name;
}

/** Lines, by name, in the order of the file; no comments and blank lines. */
export function linesByName(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const name = nameOf(line);
    if (name === '') continue;
    const lines = found.get(name);
    if (lines === undefined) found.set(name, [line]);
    else lines.push(line);
  }
  return found;
}

/**
 * Where new entries go: at the end, but before the line end that closes the file, and before the
 * NIS lines (`+::::::`, `-@netgroup`), which hide everything behind them from `compat` lookups.
 * shadow's tools do the same.
 */
function placeForNew(lines: readonly string[]): number {
  const nis = lines.findIndex((line) => line.startsWith('+') || line.startsWith('-'));
  if (nis !== -1) return nis;
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

/**
 * Writes and removes entries.
 * @param write the text of each name: its lines take the places of the name's present ones, those
 *   left over are appended, and present ones left over go
 * @param remove names of which every entry goes
 */
export function editAccountText(
  text: string,
  write: Readonly<Record<string, string>>,
  remove: readonly string[],
): string {
  const waiting = new Map<string, string[]>(remove.map((name) => [name, []]));
  for (const [name, wanted] of Object.entries(write)) waiting.set(name, wanted.split('\n'));
  const lines = text.split('\n').flatMap((line) => {
    const wanted = waiting.get(nameOf(line));
    if (wanted === undefined) return [line];
    return wanted.splice(0, 1);
  });
  lines.splice(placeForNew(lines), 0, ...[...waiting.values()].flat());
  return lines.join('\n');
}
