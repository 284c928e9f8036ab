/** A place in a text file. Lines and columns count from 1, as editors do. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters are meant, for the underline. At least 1. */
  readonly length: number;
  /** The whole line, without its end, for display. */
  readonly text: string;
}

/** A mistake of the user's, as located data: it is collected, never thrown. */
export interface Diagnostic {
  /** A stable name for tools: `unknown-key`, `path-nested`, `tool-not-found`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly at?: Location;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
