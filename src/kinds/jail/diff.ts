import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { writeMarker } from './marker.ts';
import type { JailState } from './state.ts';

/** Why an observed jail is not the desired one; empty when it is. */
function reasonsOf(desired: JailState, observed: JailState): readonly string[] {
  const reasons: string[] = [];
  if (!observed.claimed) reasons.push('its directory is missing');
  if (!observed.registered) reasons.push('it is missing in the register');
  if (observed.leftovers.length > 0 || observed.staging) {
    reasons.push('an interrupted run left something');
  }
  if (observed.settings === undefined) {
    if (observed.claimed) reasons.push('its marker is missing or damaged');
  } else if (desired.settings !== undefined) {
    if (writeMarker(observed.settings) !== writeMarker(desired.settings)) {
      reasons.push('its settings differ');
    }
  }
  return reasons;
}

export function diffJails(
  desired: ReadonlyMap<Address, JailState>,
  observed: ReadonlyMap<Address, JailState>,
): readonly Change<JailState>[] {
  const changes: Change<JailState>[] = [];
  for (const [address, after] of desired) {
    const before = observed.get(address);
    const common = { address, jail: after.name };
    if (before === undefined) {
      changes.push({ ...common, action: 'create', after, reasons: ['it is new in the manifest'] });
      continue;
    }
    const reasons = reasonsOf(after, before);
    if (reasons.length > 0) changes.push({ ...common, action: 'update', before, after, reasons });
  }
  for (const [address, before] of observed) {
    if (desired.has(address)) continue;
    const reasons = ['it is not wanted any more'];
    changes.push({ address, jail: before.name, action: 'delete', before, reasons });
  }
  return changes;
}
