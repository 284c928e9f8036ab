import { appendFileSync } from 'node:fs';
import { inject } from 'vitest';

/** What is tried again and again, by tests in several files. */
export const rows = ['kills', 'errors', 'races', 'attacks', 'signals'] as const;
export type Row = (typeof rows)[number];

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of the ledger: test files run in processes of their own. */
    ledger: string;
  }
}

/** One line of the ledger. */
export interface Entry {
  readonly row: Row;
  /** Numbers by what they count; they are added to those that are there. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Counts something for the table that is printed when all tests have ended. */
export function enter(row: Row, counts: Entry['counts']): void {
  appendFileSync(inject('ledger'), `${JSON.stringify({ row, counts } satisfies Entry)}\n`);
}
