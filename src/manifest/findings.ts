import type { Diagnostic, Location } from '../model/diagnostic.ts';
import type { Problem } from '../model/problem.ts';
import type { ManifestTree } from './manifest-tree.ts';
import type { Source } from './source.ts';

/** Whether a problem is about a key or about its value. */
export type Part = 'key' | 'value';

/** Collects what is wrong with a manifest, and knows where each of its values stands. */
export class Findings {
  readonly #source: Source;
  readonly #tree: ManifestTree;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #pointers = new Set<string>();

  constructor(source: Source, tree: ManifestTree) {
    this.#source = source;
    this.#tree = tree;
  }

  /** The place of a value or of its key; the start of the file for what is not there. */
  at(pointer: string, part: Part = 'value'): Location {
    const place = this.#tree.places.get(pointer);
    const span = part === 'key' ? (place?.key ?? place?.value) : place?.value;
    // The whole document as a place would underline its first line, whatever stands there.
    const isDocument = pointer === '' || span === undefined;
    return this.#source.locate(isDocument ? { start: 0, end: 1 } : span);
  }

  report(pointer: string, part: Part, problem: Problem): void {
    if (this.#tree.unreadable.has(pointer)) return;
    this.#pointers.add(pointer);
    this.#diagnostics.push({ ...problem, at: this.at(pointer, part) });
  }

  /** A value as it is written in the file. */
  written(pointer: string): string {
    const span = this.#tree.places.get(pointer)?.value ?? { start: 0, end: 0 };
    return this.#source.text.slice(span.start, span.end);
  }

  /** Adds what is located already, perhaps in another file. */
  add(diagnostics: readonly Diagnostic[]): void {
    // One by one: a call with 100,000 arguments overflows the stack.
    for (const diagnostic of diagnostics) this.#diagnostics.push(diagnostic);
  }

  /** Whether something was reported about exactly this value or its key. */
  has(pointer: string): boolean {
    return this.#pointers.has(pointer);
  }

  all(): readonly Diagnostic[] {
    return this.#diagnostics;
  }
}

/** In the order of a reader: this file first, then by file, line and column; nothing twice. */
export function inOrder(file: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byKey = new Map(diagnostics.map((diagnostic) => [orderKey(file, diagnostic), diagnostic]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, diagnostic]) => diagnostic);
}

function orderKey(file: string, { at, code, message }: Diagnostic): string {
  const isOther = at !== undefined && at.file !== file;
  const place = [at?.line ?? 0, at?.column ?? 0].map((number) => String(number).padStart(8, '0'));
  return [isOther ? at.file : '', ...place, code, message].join('\0');
}
