import { printable } from './printable.ts';

/** What is wrong with a value, before it is known where the value stands. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refused<T>(code: string, message: string, hint?: string): Parsed<T> {
  return { ok: false, problem: { code, message, ...(hint !== undefined && { hint }) } };
}

const quotedCharactersMax = 60;

/** A value in quotes, for a message: at most 60 characters of it, and nothing unprintable. */
export function quote(text: string): string {
  const cut =
    text.length > quotedCharactersMax ? `${text.slice(0, quotedCharactersMax - 1)}…` : text;
  return `"${printable(cut)}"`;
}
