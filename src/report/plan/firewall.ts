import type { OldBootFile } from '../../kinds/firewall/old-boot.ts';
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

/** Rules of the old scripts, as what takes them away. */
function replacedBy({ replaces = [] }: FirewallTable): readonly string[] {
  return replaces.map((rule) => rule.replace(/^-A /, '-D '));
}

function bootLine({ path, lines }: OldBootFile): PlanLine {
  const text = `${path}: ${plural(lines.length, 'line')} of the old scripts`;
  return { action: 'delete', text, details: lines.map((line) => `- ${line.trim()}`) };
}

function isBootFile(resource: FirewallTable | OldBootFile): resource is OldBootFile {
  return 'lines' in resource;
}

export function firewallLines(
  changes: readonly Change<FirewallTable | OldBootFile>[],
): readonly PlanLine[] {
  return changes.map((one) => {
    if (one.action === 'delete' && isBootFile(one.before)) return bootLine(one.before);
    const change = one as Change<FirewallTable>;
    switch (change.action) {
      case 'create':
        return {
          action: 'create',
          text: `${label[change.after.family]}: ${ruleCount(change.after)}`,
          details: [...rulesOf(change.after), ...replacedBy(change.after)],
        };
      case 'update':
        return {
          action: 'update',
          text: `${label[change.after.family]}: ${change.reasons.join('; ')}`,
          details: [
            ...textDiff(rulesText(change.before), rulesText(change.after)),
            ...replacedBy(change.after),
          ],
        };
      case 'delete':
        return {
          action: 'delete',
          text: `${label[change.before.family]}: ${ruleCount(change.before)}`,
        };
    }
  });
}
