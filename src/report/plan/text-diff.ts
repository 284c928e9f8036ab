import { structuredPatch } from 'diff';

/** Longer texts are not shown as a diff: the reason and the size say enough. */
const diffedBytesMax = 64 * 1024;
const shownLinesMax = 40;

/** A unified diff of two small texts, without file names; empty for texts that are too long. */
export function textDiff(before: string, after: string): readonly string[] {
  if (before.length + after.length > diffedBytesMax) return [];
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 1 });
  const lines = hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  if (lines.length <= shownLinesMax) return lines;
  return [...lines.slice(0, shownLinesMax), `… and ${lines.length - shownLinesMax} more lines`];
}
