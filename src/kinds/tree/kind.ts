import type { Kind } from '../kind.ts';
import { diffTrees } from './diff.ts';
import type { TreeNode } from './node.ts';
import { observeTrees, type TreeFacts, type TreePlace } from './observe.ts';
import { treeSteps } from './steps.ts';

/**
 * Every path of every jail: the tools with what they need, the jail's own `/etc` and `/dev`, and
 * the homes.
 * @param owned the jails that have a directory with a marker on the host
 * @param host what was read of them all
 * @param archives directories on the host where homes of jails are kept before they are deleted
 */
export function treeKind(
  owned: readonly TreePlace[],
  host: TreeFacts,
  archives: ReadonlyMap<string, string>,
): Kind<TreeNode> {
  return {
    observe: (reader, desired) => observeTrees(reader, owned, host, desired),
    diff: diffTrees,
    steps: (changes) => treeSteps(changes, archives),
  };
}
