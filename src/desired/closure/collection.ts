import type { TreeEntry } from '../../kinds/tree/entry.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ToolRequest } from '../../model/manifest.ts';
import type { Closure, ClosureEntry, Reason } from './closure.ts';
import { nameOf } from './host-view.ts';

/**
 * On whose behalf a path is taken. Named: somebody wrote just this tool, so what stands in the way
 * is a mistake in the manifest. Among many: it came with a directory, a glob, a package or a
 * section, or by a rule of jailctl's, and is left out with a word why.
 */
export type Origin =
  | { readonly named: true; readonly request: ToolRequest }
  | { readonly named: false };

export interface Problem {
  readonly code: string;
  /** Follows the path: `is not readable by everybody`. */
  readonly message: string;
  readonly hint?: string;
}

function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function diagnosticKey({ at, code, message }: Diagnostic): string {
  const pad = (count: number | undefined): string => String(count ?? 0).padStart(10, '0');
  return [at?.file ?? '', pad(at?.line), pad(at?.column), code, message].join('\0');
}

/** A closure in the making. The first reason for a path stays. */
export class Collection {
  readonly #entries = new Map<string, ClosureEntry>();
  readonly #leftOut = new Map<string, string>();
  readonly #missing = new Map<string, string>();
  readonly #diagnostics = new Map<string, Diagnostic>();

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  add(path: string, entry: TreeEntry, reason: Reason): void {
    if (!this.#entries.has(path)) this.#entries.set(path, { entry, reason });
  }

  paths(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }

  entry(path: string): ClosureEntry | undefined {
    return this.#entries.get(path);
  }

  diagnose(diagnostic: Diagnostic): void {
    const key = diagnosticKey(diagnostic);
    if (!this.#diagnostics.has(key)) this.#diagnostics.set(key, diagnostic);
  }

  leaveOut(path: string, why: string): void {
    if (!this.#leftOut.has(path)) this.#leftOut.set(path, why);
  }

  /** Tells that a path can't be taken, to whom it concerns. */
  report(origin: Origin, path: string, problem: Problem): void {
    if (!origin.named) {
      this.leaveOut(path, problem.message);
      return;
    }
    const { code, message, hint } = problem;
    this.diagnose({
      code,
      message: `${path} ${message}`,
      ...(hint !== undefined && { hint }),
      at: origin.request.at,
    });
  }

  /** Tells that a library or interpreter is not on the host. */
  reportMissing(origin: Origin, what: string, name: string, neededBy: string): void {
    if (!origin.named) {
      if (!this.#missing.has(name)) this.#missing.set(name, neededBy);
      return;
    }
    this.diagnose({
      code: `${what}-not-found`,
      message: `the ${what} ${name} is not on this host; ${neededBy} needs it`,
      hint: `install the package that brings ${name}`,
      at: origin.request.at,
    });
  }

  /**
   * Everything in the order of paths. A library that was looked for in vain, but that came along
   * from a place where nobody searches, is not missing: its program loads it by path.
   */
  finish(): Omit<Closure, 'linkerCache'> {
    const entries = new Map([...this.#entries].sort(([one], [other]) => byCodeUnit(one, other)));
    const names = new Set([...entries.keys()].map(nameOf));
    for (const [name, neededBy] of this.#missing) {
      if (!names.has(nameOf(name))) this.leaveOut(name, `not on this host; needed by ${neededBy}`);
    }
    return {
      entries,
      leftOut: [...this.#leftOut]
        .filter(([path]) => !entries.has(path))
        .map(([path, why]) => ({ path, why }))
        .sort((one, other) => byCodeUnit(one.path, other.path)),
      diagnostics: [...this.#diagnostics]
        .sort(([one], [other]) => byCodeUnit(one, other))
        .map(([, diagnostic]) => diagnostic),
    };
  }
}
