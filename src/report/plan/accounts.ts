import type { Account } from '../../kinds/account/account.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';

/** More of one jail are shown as a range. */
const listedMax = 3;

function subject(accounts: readonly Account[]): string {
  const sorted = accounts.toSorted((a, b) => a.uid - b.uid);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (sorted.length <= listedMax) {
    return sorted.map(({ name, uid }) => `${name} (UID ${uid})`).join(', ');
  }
  return `${sorted.length} users of ${first.jail}: ${first.name} (UID ${first.uid}) … ${last.name} (UID ${last.uid})`;
}

/** Accounts of one jail that are made or removed, on one line; each one that is mended on its own. */
export function accountLines(changes: readonly Change<Account>[]): readonly PlanLine[] {
  const lines: PlanLine[] = [];
  const byJail = Map.groupBy(changes, (change) => change.jail ?? '');
  for (const ofJail of byJail.values()) {
    const created = ofJail.flatMap((one) => (one.action === 'create' ? [one.after] : []));
    const removed = ofJail.flatMap((one) => (one.action === 'delete' ? [one.before] : []));
    if (created.length > 0) lines.push({ action: 'create', text: subject(created) });
    if (removed.length > 0) lines.push({ action: 'delete', text: subject(removed) });
    for (const change of ofJail) {
      if (change.action !== 'update') continue;
      lines.push({
        action: 'update',
        text: `${change.after.name}: ${change.reasons.join('; ')}`,
      });
    }
  }
  return lines;
}
