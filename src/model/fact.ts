import type { Address } from './address.ts';

/**
 * What a plan relies on at one address, as texts: two states with the same text are the same to a
 * plan. No text holds a secret.
 */
export interface Fact {
  readonly address: Address;
  /** What the manifest means there; null: nothing. */
  readonly wanted: string | null;
  /** What the host has; null: nothing. Absent: it is as wanted, so nothing is to do. */
  readonly found?: string | null;
}
