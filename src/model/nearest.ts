/** Damerau's distance in its simple form (optimal string alignment): edits, and swaps of two neighbours. */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped && j > 1 && i > 1 ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Longer texts are not compared: nobody mistypes them, and the comparison is quadratic. */
const comparedCharactersMax = 80;

/** The names that a person may have meant, nearest first, three at most. */
export function nearestNames(wanted: string, names: Iterable<string>): readonly string[] {
  if (wanted.length > comparedCharactersMax) return [];
  const distanceMax = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(names)]
    .filter((name) => Math.abs(name.length - wanted.length) <= distanceMax)
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= distanceMax)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** A hint for a name that is none of these: the nearest one, or all of them. */
export function namesHint(wanted: string, names: Iterable<string>, noun: string): string {
  const all = [...new Set(names)].sort();
  const near = nearest(wanted, all);
  return near === undefined ? `${noun}: ${all.join(', ') || 'none'}` : `did you mean ${near}?`;
}

/** The one that is nearest; undefined where none is near. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  return nearestNames(wanted, names)[0];
}
