import type { Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';

/** What one kind says of its resources when two states are compared. */
export interface Judge<T> {
  /** Whose a resource is; undefined for what all jails share. */
  jailOf(resource: T): string | undefined;
  /** Why what is there is not what should be; empty when it means the same. */
  reasonsOf(desired: T, observed: T): readonly string[];
  readonly whyCreate: string;
  whyDelete(observed: T): string;
}

/** The changes that lead from what is observed to what is desired, matched by address. */
export function diffResources<T>(
  desired: ReadonlyMap<Address, T>,
  observed: ReadonlyMap<Address, T>,
  judge: Judge<T>,
): readonly Change<T>[] {
  const changes: Change<T>[] = [];
  const common = (address: Address, resource: T) => {
    const jail = judge.jailOf(resource);
    return jail === undefined ? { address } : { address, jail };
  };
  for (const [address, after] of desired) {
    const before = observed.get(address);
    if (before === undefined) {
      const reasons = [judge.whyCreate];
      changes.push({ ...common(address, after), action: 'create', after, reasons });
      continue;
    }
    const reasons = before === after ? [] : judge.reasonsOf(after, before);
    if (reasons.length === 0) continue;
    changes.push({ ...common(address, after), action: 'update', before, after, reasons });
  }
  for (const [address, before] of observed) {
    if (desired.has(address)) continue;
    const reasons = [judge.whyDelete(before)];
    changes.push({ ...common(address, before), action: 'delete', before, reasons });
  }
  return changes;
}
