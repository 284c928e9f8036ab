import { hostPath, type TreeNode } from '../kinds/tree/node.ts';
import type { Plan } from '../model/plan.ts';
import { changesOf } from './plan.ts';

/** A home that a plan deletes, and that is not empty. */
export interface DataLoss {
  readonly jail: string;
  /** On the host. */
  readonly path: string;
  /** Disk space. */
  readonly bytes: number;
}

/** What is lost for good when the plan is carried out: the data of users. */
export function dataLosses(plan: Plan): readonly DataLoss[] {
  return changesOf(plan).flatMap((change) => {
    if (change.action !== 'delete' || !change.address.startsWith('tree/')) return [];
    const node = change.before as TreeNode;
    if (node.entry.type !== 'doomed-home' || node.entry.bytes === 0) return [];
    return [{ jail: node.jail, path: hostPath(node), bytes: node.entry.bytes }];
  });
}
