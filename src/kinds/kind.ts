import type { Address } from '../model/address.ts';
import type { Change, Conflict } from '../model/change.ts';
import type { Reader } from '../model/reader.ts';
import type { Step } from '../model/step.ts';

/** What a kind found on the host. */
export interface Observed<T> {
  /** What jailctl owns, and nothing else. */
  readonly resources: ReadonlyMap<Address, T>;
  /** What stands where a desired resource should, and is not jailctl's. */
  readonly conflicts: readonly Conflict[];
  readonly warnings: readonly string[];
}

/**
 * One kind of resource: how it is read from the host, compared, and changed. `observe` is the only
 * part that reads; `diff` and `steps` are pure, so that a plan can be checked and repeated.
 */
export interface Kind<T> {
  /**
   * Reads what the host has, in bulk. `desired` tells where to look for conflicts, and whose
   * content has to be compared with its source.
   * @throws Failure when the host can't be read
   */
  observe(reader: Reader, desired: ReadonlyMap<Address, T>): Observed<T>;
  /** What has to change, in no particular order; empty when both sides mean the same. */
  diff(desired: ReadonlyMap<Address, T>, observed: ReadonlyMap<Address, T>): readonly Change<T>[];
  /** How to carry out these changes together, in an order that is safe to be cut anywhere. */
  steps(changes: readonly Change<T>[]): readonly Step[];
}
