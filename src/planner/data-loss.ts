import { hostPath } from '../kinds/tree/node.ts';
import type { Plan } from '../model/plan.ts';
import { doomedHome } from './doomed-home.ts';
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
    const node = doomedHome(change);
    if (node === undefined || node.entry.bytes === 0) return [];
    return [{ jail: node.jail, path: hostPath(node), bytes: node.entry.bytes }];
  });
}
