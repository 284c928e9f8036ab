import type { PackageManager } from '../setup/package-manager.ts';
import type { Kept } from '../setup/removable.ts';

const formatVersion = '1.0';

/**
 * What `setup` has done, as `schemas/setup.schema.json` describes it.
 * @param changed packages that were newly installed, dependencies included, or removed
 * @param kept what setup installed, and others need by now
 */
export function setupDocument(
  action: 'install' | 'remove',
  manager: PackageManager | undefined,
  changed: readonly string[],
  kept: readonly Kept[],
): unknown {
  return {
    format_version: formatVersion,
    action,
    ...(manager === undefined ? {} : { package_manager: manager.name }),
    packages: changed,
    kept: kept.map(({ name, neededBy }) => ({ name, needed_by: neededBy })),
  };
}
