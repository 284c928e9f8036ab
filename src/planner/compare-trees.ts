import type { DesiredState } from '../desired/state.ts';
import { treeKind } from '../kinds/tree/kind.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import { readTreeFacts, type TreePlace } from '../kinds/tree/observe.ts';
import { devicesOf, nameTwins } from '../kinds/tree/twins.ts';
import type { Reader } from '../model/reader.ts';
import type { Scope } from '../model/scope.ts';
import { type Compared, compareParts } from './comparison.ts';

/**
 * Compares the trees of the jails, one after the other; of those that go, all at once.
 * @param owned the jails that have a directory with a marker on the host
 * @param archives directories on the host where homes of jails are kept before they are deleted
 */
export function compareTrees(
  reader: Reader,
  desired: DesiredState,
  owned: readonly TreePlace[],
  archives: ReadonlyMap<string, string>,
  scope: Scope,
): Compared<TreeNode> {
  const stays = ({ jail }: TreePlace) => desired.tree.has(jail);
  const host = readTreeFacts(reader);
  const kindOf = (places: readonly TreePlace[]) => treeKind(places, host, archives);
  const parts = [...desired.tree].map(([jail, nodes]) => ({
    implementation: kindOf(owned.filter((place) => place.jail === jail)),
    desired: nodes,
  }));
  const going = kindOf(owned.filter((place) => !stays(place)));
  const all = [...parts, { implementation: going, desired: () => new Map() }];
  const compared = compareParts('tree', all, reader, scope);
  const devices = devicesOf(reader, desired.jail.values());
  const changes = nameTwins(compared.changes, compared.desired(), devices);
  return {
    ...compared,
    changes,
    stepsFor: (wanted) => going.steps(changes.filter(wanted)),
  };
}
