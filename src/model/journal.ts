import type { Address } from './address.ts';
import type { Action } from './change.ts';

/** One change that was made, or was not. */
export interface JournalEntry {
  /** `apply` or `destroy`. */
  readonly command: string;
  /** Names the plan: equal plans have equal ids. */
  readonly plan: string;
  readonly change: Address;
  readonly action: Action;
  /** Of an account: whose files these were can still be told when the account is gone. */
  readonly uid?: number;
  /** `failed`: something of its stage did not work, and it may be made in part. */
  readonly outcome: 'done' | 'failed';
  /** Why it failed. */
  readonly error?: string;
}
