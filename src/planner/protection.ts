import type { Change, Conflict } from '../model/change.ts';
import type { JailSettings } from '../model/settings.ts';
import { doomedHome } from './doomed-home.ts';

function destroysData(change: Change<unknown>): boolean {
  const removesJail = change.action === 'delete' && change.address.startsWith('jail/');
  return removesJail || doomedHome(change) !== undefined;
}

/**
 * Changes that would remove a protected jail or one of its homes. The protection is the jail's
 * own, on the host: it holds although the manifest does not name the jail any more.
 */
export function protectionConflicts(
  changes: readonly Change<unknown>[],
  recorded: readonly JailSettings[],
): readonly Conflict[] {
  const guarded = new Set(recorded.filter((jail) => jail.protect).map((jail) => jail.name));
  return changes
    .filter((change) => change.jail !== undefined && guarded.has(change.jail))
    .filter(destroysData)
    .map((change) => ({
      address: change.address,
      ...(change.jail === undefined ? {} : { jail: change.jail }),
      message: `jail ${change.jail} is protected: neither it nor its homes may be removed`,
      waysOut: [`lift the protection first: set protect: false, and apply that alone`],
    }));
}
