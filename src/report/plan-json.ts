import type { Address, KindName } from '../model/address.ts';
import type { Change, Conflict } from '../model/change.ts';
import type { Label } from '../model/label.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { sha256 } from '../model/sha256.ts';
import { resourceDocument } from './resource-json.ts';

const formatVersion = '1.2';

function jailOf({ jail }: { readonly jail?: string }): object {
  return jail === undefined ? {} : { jail };
}

function changeDocument(kind: KindName, change: Change<unknown>): unknown {
  return {
    address: change.address,
    ...jailOf(change),
    action: change.action,
    label: change.label ?? 'neutral',
    ...('before' in change ? { before: resourceDocument(kind, change.before) } : {}),
    ...('after' in change ? { after: resourceDocument(kind, change.after) } : {}),
    reasons: change.reasons,
  };
}

function stageChanges({ kind, changes }: Stage): readonly unknown[] {
  return changes.map((change) => changeDocument(kind, change));
}

function conflictDocument(conflict: Conflict): unknown {
  const { address, message, waysOut } = conflict;
  return { address, ...jailOf(conflict), message, ways_out: waysOut };
}

/** What a policy says of a plan. */
export interface PolicyResult {
  /** The labels that it denies. */
  readonly deny: readonly Label[];
  /** Addresses of the changes that have them. */
  readonly denied: readonly Address[];
}

/** A plan as the document that `schemas/plan.schema.json` describes. It holds no secret. */
export function planDocument(plan: Plan, policy?: PolicyResult): unknown {
  const changes = plan.stages.flatMap((stage) => stage.changes);
  const count = (action: string) => changes.filter((one) => one.action === action).length;
  return {
    format_version: formatVersion,
    summary: { create: count('create'), update: count('update'), delete: count('delete') },
    changes: plan.stages.flatMap(stageChanges),
    conflicts: plan.conflicts.map(conflictDocument),
    warnings: plan.warnings,
    ...(policy !== undefined && { policy: { deny: policy.deny, denied: policy.denied } }),
  };
}

/** Names a plan: twelve digits that two plans share when they are the same. */
export function planId(plan: Plan): string {
  return sha256(JSON.stringify(planDocument(plan))).slice(0, 12);
}
