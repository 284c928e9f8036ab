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

/** A comparison that can still tell what the changes lead to. */
export interface Compared<T = unknown> extends Comparison {
  readonly changes: readonly Change<T>[];
  desired(): Iterable<readonly [Address, T]>;
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
): Compared<T> {
  const observed: Observed<T> = implementation.observe(reader, desired);
  const changes = implementation
    .diff(desired, observed.resources)
    .filter((change) => inScope(scope, change.jail));
  return {
    kind,
    desired: () => desired,
    changes,
    conflicts: observed.conflicts.filter((conflict) => inScope(scope, conflict.jail)),
    warnings: observed.warnings,
    stepsFor: (wanted) => implementation.steps(changes.filter(wanted)),
  };
}

/** Some resources of a kind, which are compared by themselves. */
export interface Part<T> {
  readonly implementation: Kind<T>;
  /** Makes what is desired: it is let go of when it is compared. */
  desired(): ReadonlyMap<Address, T>;
}

/**
 * Reads one kind from the host and compares it, part by part: a host has so many files that they
 * are never in memory all at once. Its caller makes steps of the changes of all parts together.
 */
export function compareParts<T>(
  kind: KindName,
  parts: readonly Part<T>[],
  reader: Reader,
  scope: Scope,
): Omit<Compared<T>, 'stepsFor'> {
  const changes: Change<T>[] = [];
  const conflicts: Conflict[] = [];
  const warnings: string[] = [];
  for (const { implementation, desired } of parts) {
    const part = compare(kind, implementation, reader, desired(), scope);
    for (const change of part.changes) changes.push(change);
    conflicts.push(...part.conflicts);
    warnings.push(...part.warnings);
  }
  return {
    kind,
    desired: function* () {
      for (const part of parts) yield* part.desired();
    },
    changes,
    conflicts,
    warnings,
  };
}

export function is(...actions: readonly Action[]): (change: Change<unknown>) => boolean {
  return (change) => actions.includes(change.action);
}
