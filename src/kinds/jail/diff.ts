import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { stagingDirectory } from '../../model/host-paths.ts';
import { diffResources } from '../diff.ts';
import { writeMarker } from './marker.ts';
import type { JailState } from './state.ts';

/** How many leftovers a reason names. */
const namedMax = 3;

/** Why the marker of a jail has to be written; empty when it is right. */
export function markerReasons(desired: JailState, observed: JailState): readonly string[] {
  if (observed.settings === undefined || desired.settings === undefined) {
    return ['its marker is missing or damaged'];
  }
  const same = writeMarker(observed.settings) === writeMarker(desired.settings);
  return [
    ...(observed.markerFault === undefined ? [] : [observed.markerFault]),
    ...(same ? [] : ['its settings differ']),
  ];
}

/** Why an observed jail is not the desired one; empty when it is. */
function reasonsOf(desired: JailState, observed: JailState): readonly string[] {
  const reasons: string[] = [];
  if (!observed.claimed) {
    const adopted = "it was made without jailctl, and becomes jailctl's";
    reasons.push(desired.adopts === true ? adopted : 'its directory is missing');
  }
  if (!observed.registered) reasons.push('it is missing in the register');
  for (const fault of observed.faults ?? []) reasons.push(fault.reason);
  const leftovers = [
    ...observed.leftovers,
    ...(observed.staging ? [stagingDirectory(observed.path)] : []),
  ];
  if (leftovers.length > 0) {
    const others = leftovers.length > namedMax ? ` and ${leftovers.length - namedMax} more` : '';
    reasons.push(`it has leftovers: ${leftovers.slice(0, namedMax).join(', ')}${others}`);
  }
  return observed.claimed ? [...reasons, ...markerReasons(desired, observed)] : reasons;
}

/** Is there anything of the jail on the host? Else its place was looked at, and no more. */
function isThere({ registered, claimed, staging, leftovers }: JailState): boolean {
  return registered || claimed || staging || leftovers.length > 0;
}

/** A new jail has to know what its place would hand down to it. */
function atItsPlace(desired: JailState, observed: JailState | undefined): JailState {
  return observed?.inheritsAcl === true ? { ...desired, inheritsAcl: true } : desired;
}

export function diffJails(
  desired: ReadonlyMap<Address, JailState>,
  observed: ReadonlyMap<Address, JailState>,
): readonly Change<JailState>[] {
  const wanted = [...desired].map(
    ([address, jail]) => [address, atItsPlace(jail, observed.get(address))] as const,
  );
  const present = [...observed].filter(
    ([address, jail]) => isThere(jail) || desired.get(address)?.adopts === true,
  );
  return diffResources(new Map(wanted), new Map(present), {
    jailOf: (jail) => jail.name,
    reasonsOf,
    whyCreate: 'it is new in the manifest',
    whyDelete: () => 'it is not wanted any more',
  });
}
