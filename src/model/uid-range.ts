/** User IDs, inclusive. */
export interface UidRange {
  readonly first: number;
  readonly last: number;
}

/** The fewest ranges that hold exactly these UIDs, in their order. */
export function uidRanges(uids: readonly number[]): readonly UidRange[] {
  const ranges: UidRange[] = [];
  for (const uid of [...new Set(uids)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range.last + 1 === uid) {
      ranges[ranges.length - 1] = { first: range.first, last: uid };
    } else {
      ranges.push({ first: uid, last: uid });
    }
  }
  return ranges;
}
