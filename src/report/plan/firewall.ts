import type { FirewallTable } from '../../kinds/firewall/table.ts';
import type { Change } from '../../model/change.ts';
import { plural } from '../../model/numbers.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

const label = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** The rules without their comments, which say only that they are jailctl's, and whose. */
function rulesOf(table: FirewallTable): readonly string[] {
  return [...table.output, ...table.chain, ...table.strays].map((rule) =>
    rule.replace(/ -m comment --comment (?:"[^"]*"|\S+)/, ''),
  );
}

function rulesText(table: FirewallTable): string {
  return rulesOf(table)
    .map((rule) => `${rule}\n`)
    .join('');
}

function ruleCount(table: FirewallTable): string {
  return plural(table.output.length + table.chain.length, 'rule');
}

export function firewallLines(changes: readonly Change<FirewallTable>[]): readonly PlanLine[] {
  return changes.map((change) => {
    switch (change.action) {
      case 'create':
        return {
          action: 'create',
          text: `${label[change.after.family]}: ${ruleCount(change.after)}`,
          details: rulesOf(change.after),
        };
      case 'update':
        return {
          action: 'update',
          text: `${label[change.after.family]}: ${change.reasons.join('; ')}`,
          details: textDiff(rulesText(change.before), rulesText(change.after)),
        };
      case 'delete':
        return {
          action: 'delete',
          text: `${label[change.before.family]}: ${ruleCount(change.before)}`,
        };
    }
  });
}
