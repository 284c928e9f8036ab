import type { KindName } from './address.ts';
import type { Change, Conflict } from './change.ts';
import type { Step } from './step.ts';

/** Changes that are carried out together, in the order of `Plan.stages`. */
export interface Stage {
  readonly kind: KindName;
  /** For the person who waits: `accounts: 3 to create`. */
  readonly title: string;
  readonly changes: readonly Change<unknown>[];
  readonly steps: readonly Step[];
}

/** What would be done, in order. */
export interface Plan {
  readonly stages: readonly Stage[];
  readonly conflicts: readonly Conflict[];
  /** Facts a person should know that no change can mend: `legacy and nft tables are both live`. */
  readonly warnings: readonly string[];
}
