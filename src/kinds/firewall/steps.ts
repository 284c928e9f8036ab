import type { Change } from '../../model/change.ts';
import type { Step } from '../../model/step.ts';
import { insertion, leadsIntoChain } from './rule.ts';
import { chainName, type FirewallTable, lockWaitSeconds, type Rule, toolsOf } from './table.ts';

/** It fails when a rule that is to go has gone, or the chain has. */
const hint =
  'have the packet rules changed since the plan? Run the command again: it makes a new one';

function deletion(rule: Rule): string {
  return rule.replace(/^-A /, '-D ');
}

/** Exactly as iptables-save printed them: a rule that is not there any more stops everything. */
function removeReferences(before: FirewallTable): readonly string[] {
  return [...before.output.filter(leadsIntoChain), ...before.strays].map(deletion);
}

/** What iptables-restore reads. Declaring the chain makes it, or empties it. */
function script(change: Change<FirewallTable>): readonly string[] {
  const chain = `:${chainName} - [0:0]`;
  const old = change.action === 'create' ? [] : removeReferences(change.before);
  if (change.action === 'delete') return [chain, ...old, `-X ${chainName}`];
  const { output, chain: rules, replaces = [] } = change.after;
  return [chain, ...old, ...output.map(insertion), ...rules, ...replaces.map(deletion)];
}

/**
 * One call a family. Both variants of iptables-restore put everything up to COMMIT in force at
 * once (nft by one transaction, legacy by one replacement of the table) or not at all, so no
 * packet meets a table without its fence.
 */
export function firewallSteps(changes: readonly Change<FirewallTable>[]): readonly Step[] {
  return changes.map((change): Step => {
    const { family } = change.action === 'delete' ? change.before : change.after;
    const argv = [toolsOf(family).restore, '--noflush', `--wait=${lockWaitSeconds}`] as const;
    const stdin = ['*filter', ...script(change), 'COMMIT', ''].join('\n');
    return { op: 'run', argv: [...argv], stdin, hint };
  });
}
