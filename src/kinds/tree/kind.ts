import type { Kind } from '../kind.ts';
import { diffTrees } from './diff.ts';
import type { TreeNode } from './node.ts';
import { observeTrees, type TreePlace } from './observe.ts';
import { treeSteps } from './steps.ts';

/**
 * Every path of every jail: the tools with what they need, the jail's own `/etc` and `/dev`, and
 * the homes.
 * @param owned the jails that have a directory with a marker on the host
 */
export function treeKind(owned: readonly TreePlace[]): Kind<TreeNode> {
  return {
    observe: (reader, desired) => observeTrees(reader, owned, desired),
    diff: diffTrees,
    steps: treeSteps,
  };
}
