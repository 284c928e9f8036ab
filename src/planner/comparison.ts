import type { Kind, Observed } from '../kinds/kind.ts';
import type { Address, KindName } from '../model/address.ts';
import type { Action, Change, Conflict } from '../model/change.ts';
import type { Reader } from '../model/reader.ts';
import { inScope, type Scope } from '../model/scope.ts';
import type { Step } from '../model/step.ts';

/** What one kind has to change, its type of resource forgotten. */
export interface Comparison {
  readonly kind: KindName;
  readonly changes: readonly Change<unknown>[];
  readonly conflicts: readonly Conflict[];
  readonly warnings: readonly string[];
  /** Steps for those of the changes that `wanted` picks. */
  stepsFor(wanted: (change: Change<unknown>) => boolean): readonly Step[];
}

/** A comparison that still has what the changes lead to. */
export interface Compared extends Comparison {
  readonly desired: ReadonlyMap<Address, unknown>;
}

/**
 * Reads one kind from the host and compares it with what is desired.
 * @param scope changes and conflicts of other jails are left out
 */
export function compare<T>(
  kind: KindName,
  implementation: Kind<T>,
  reader: Reader,
  desired: ReadonlyMap<Address, T>,
  scope: Scope,
): Compared {
  const observed: Observed<T> = implementation.observe(reader, desired);
  const changes = implementation
    .diff(desired, observed.resources)
    .filter((change) => inScope(scope, change.jail));
  return {
    kind,
    desired,
    changes,
    conflicts: observed.conflicts.filter((conflict) => inScope(scope, conflict.jail)),
    warnings: observed.warnings,
    stepsFor: (wanted) => implementation.steps(changes.filter(wanted)),
  };
}

export function is(...actions: readonly Action[]): (change: Change<unknown>) => boolean {
  return (change) => actions.includes(change.action);
}
