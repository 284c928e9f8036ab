import type { Reader } from '../model/reader.ts';
import type { PackageManager, RecordedPackage } from './package-manager.ts';

/** A package that stays, because others need it. */
export interface Kept {
  readonly name: string;
  readonly neededBy: readonly string[];
}

/**
 * Splits recorded packages into those that can go, and those that something needs which setup did
 * not install. Each round keeps at least one more, so it ends.
 */
export function splitRemovable(
  reader: Reader,
  { neededBy }: PackageManager,
  recorded: readonly RecordedPackage[],
): { readonly go: readonly RecordedPackage[]; readonly kept: readonly Kept[] } {
  const kept = new Map<string, readonly string[]>();
  for (;;) {
    const go = recorded.filter(({ name }) => !kept.has(name));
    const names = go.map(({ name }) => name);
    const others = (some: readonly string[]) =>
      (neededBy?.(reader, some) ?? []).filter((name) => !names.includes(name));
    if (names.length === 0 || others(names).length === 0) {
      return { go, kept: [...kept].map(([name, needed]) => ({ name, neededBy: needed })) };
    }
    const held = names
      .map((name) => [name, others([name])] as const)
      .filter(([, needed]) => needed.length > 0);
    // Nothing of it alone is needed, but all of it together is: none can be told to be free.
    const keep = held.length > 0 ? held : names.map((name) => [name, others(names)] as const);
    for (const [name, needed] of keep) kept.set(name, needed);
  }
}
