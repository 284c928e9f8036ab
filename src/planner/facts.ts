import type { Account } from '../kinds/account/account.ts';
import type { JailState } from '../kinds/jail/state.ts';
import type { LoginKeys, Logins } from '../kinds/login/state.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { KindName } from '../model/address.ts';
import type { Change, Conflict } from '../model/change.ts';
import type { Fact } from '../model/fact.ts';
import { inScope, type Scope } from '../model/scope.ts';
import type { Compared } from './comparison.ts';
import { formOf } from './forms.ts';
import type { Reconciled } from './reconcile.ts';

/** Whose a resource is; undefined for what all jails share. */
function jailOf(kind: KindName, resource: unknown): string | undefined {
  switch (kind) {
    case 'jail':
      return (resource as JailState).name;
    case 'account':
      return (resource as Account).jail;
    case 'tree':
      return (resource as TreeNode).jail;
    case 'login':
      return (resource as Logins).type === 'keys' ? (resource as LoginKeys).jail : undefined;
    default:
      return undefined;
  }
}

function changedFact(kind: KindName, change: Change<unknown>): Fact {
  return {
    address: change.address,
    wanted: change.action === 'delete' ? null : formOf(kind, change.after, true),
    found: change.action === 'create' ? null : formOf(kind, change.before, false),
  };
}

function factsOfKind({ kind, desired, changes }: Compared, scope: Scope): readonly Fact[] {
  const changed = new Set(changes.map(({ address }) => address));
  const unchanged = [...desired()].filter(
    ([address, one]) => !changed.has(address) && inScope(scope, jailOf(kind, one)),
  );
  return [
    ...changes.map((change) => changedFact(kind, change)),
    ...unchanged.map(([address, one]) => ({ address, wanted: formOf(kind, one, false) })),
  ];
}

/** What stands in the way is found where something else is wanted. */
function conflictFact({ address, message }: Conflict): Fact {
  return { address, wanted: 'nothing in the way', found: message };
}

/**
 * Everything that a plan relies on: each resource in its scope as it is wanted and as it is. Equal
 * facts make equal plans.
 */
export function factsOf(plan: Reconciled, scope: Scope): readonly Fact[] {
  return [
    ...plan.conflicts.map(conflictFact),
    ...plan.compared.flatMap((compared) => factsOfKind(compared, scope)),
  ];
}
