import type { Account } from '../kinds/account/account.ts';
import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';

const formatVersion = '1.0';

/** The password field of a shadow or gshadow entry never leaves this process. */
function withoutPassword(entry: string | null | undefined): string | null | undefined {
  return entry?.replace(/^([^:\n]*):[^:\n]*/gm, '$1:(not shown)');
}

function redactAccount(account: Account): unknown {
  const { shadow, gshadow, ...entries } = account.entries;
  return {
    ...account,
    entries: { ...entries, shadow: withoutPassword(shadow), gshadow: withoutPassword(gshadow) },
    memberships: account.memberships.map(({ group }) => group),
  };
}

function redact(change: Change<unknown>): unknown {
  if (!change.address.startsWith('account/')) return change;
  const side = (value: unknown) => redactAccount(value as Account);
  return {
    ...change,
    ...('before' in change ? { before: side(change.before) } : {}),
    ...('after' in change ? { after: side(change.after) } : {}),
  };
}

/** A plan as the document that `schemas/plan.schema.json` describes. It holds no secret. */
export function planDocument(plan: Plan): unknown {
  const changes = plan.stages.flatMap((stage) => stage.changes);
  const count = (action: string) => changes.filter((one) => one.action === action).length;
  return {
    format_version: formatVersion,
    summary: { create: count('create'), update: count('update'), delete: count('delete') },
    changes: changes.map(redact),
    conflicts: plan.conflicts,
    warnings: plan.warnings,
  };
}
