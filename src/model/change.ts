import type { Address } from './address.ts';
import type { Label } from './label.ts';

interface Common {
  readonly address: Address;
  /** The jail that the resource belongs to; absent for what all jails share. */
  readonly jail?: string;
  /** Why the change is needed, for a person: `mode 0644, wanted 0755`. Never empty. */
  readonly reasons: readonly string[];
  /** Of the changes of a plan; absent as long as they are not seen together. */
  readonly label?: Label;
}

/** One resource that differs from the desired state, and how. */
export type Change<T> = Common &
  (
    | { readonly action: 'create'; readonly after: T }
    | { readonly action: 'update'; readonly before: T; readonly after: T }
    | { readonly action: 'delete'; readonly before: T }
  );

export type Action = Change<unknown>['action'];

/** Something in the way that is not jailctl's. It is shown, never overwritten. */
export interface Conflict {
  readonly address: Address;
  readonly jail?: string;
  /** What stands there: `the directory /web has no marker of jailctl`. */
  readonly message: string;
  /** What a person can do about it, one way a line. */
  readonly waysOut: readonly string[];
}
