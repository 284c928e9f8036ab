import { closeOver } from '../desired/closure/close-over.ts';
import type { Closure } from '../desired/closure/closure.ts';
import { parseToolEntry } from '../manifest/tool-entry.ts';
import type { Reader } from '../model/reader.ts';

/** Entries for a list of tools that this host can take, and why it can't take the others. */
export interface Tried {
  readonly entries: readonly string[];
  readonly refused: readonly { readonly entry: string; readonly why: string }[];
  /** What the entries bring. */
  readonly closure: Closure;
}

/**
 * Tries entries as a manifest would have them: whoever reads the list must not find a mistake in it.
 * @param network may the jail reach something?
 * @param jailPaths the directories of all jails of the manifest
 */
export function tryEntries(
  reader: Reader,
  wanted: readonly string[],
  options: { readonly network: boolean; readonly jailPaths: readonly string[] },
): Tried {
  const refused: { entry: string; why: string }[] = [];
  let entries = [...new Set(wanted)].filter((text) => {
    const entry = parseToolEntry(text);
    if (!entry.ok) refused.push({ entry: text, why: entry.problem.message });
    return entry.ok;
  });
  for (;;) {
    const requests = entries.flatMap((text, index) => {
      const entry = parseToolEntry(text);
      // The line tells the entry that a mistake is about.
      const at = { file: '', line: index + 1, column: 1, length: 1, text };
      return entry.ok ? [{ ...entry.value, at }] : [];
    });
    const closure = closeOver(reader, requests, { ...options, env: {} });
    if (closure.diagnostics.length === 0) return { entries, refused, closure };
    const bad = new Map(closure.diagnostics.map(({ at, message }) => [at?.line ?? 0, message]));
    for (const [line, why] of bad) refused.push({ entry: entries[line - 1] ?? '', why });
    entries = entries.filter((_, index) => !bad.has(index + 1));
  }
}
