import type { Account } from '../kinds/account/account.ts';
import type { BootPart } from '../kinds/boot/state.ts';
import type { FirewallTable } from '../kinds/firewall/table.ts';
import type { JailState } from '../kinds/jail/state.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Logins } from '../kinds/login/state.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { Action, Change, Conflict } from '../model/change.ts';
import { formatCount } from '../model/numbers.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { printable } from '../model/printable.ts';
import { type Paint, painter, type Style } from './paint.ts';
import { accountLines } from './plan/accounts.ts';
import { bootLines } from './plan/boot.ts';
import { firewallLines } from './plan/firewall.ts';
import { jailLines } from './plan/jails.ts';
import { limitsLines } from './plan/limits.ts';
import type { PlanLine } from './plan/line.ts';
import { loginLines } from './plan/logins.ts';
import { treeLines } from './plan/tree.ts';

const sign: Readonly<Record<Action, string>> = { create: '+', update: '~', delete: '-' };
const style: Readonly<Record<Action, Style>> = { create: 'green', update: 'yellow', delete: 'red' };

/** A stage holds changes of its own kind only, so their type is known by its name. */
function linesOf(stage: Stage): readonly PlanLine[] {
  switch (stage.kind) {
    case 'firewall':
      return firewallLines(stage.changes as readonly Change<FirewallTable>[]);
    case 'limits':
      return limitsLines(stage.changes as readonly Change<HostLimits>[]);
    case 'boot':
      return bootLines(stage.changes as readonly Change<BootPart>[]);
    case 'jail':
      return jailLines(stage.changes as readonly Change<JailState>[]);
    case 'account':
      return accountLines(stage.changes as readonly Change<Account>[]);
    case 'tree':
      return treeLines(stage.changes as readonly Change<TreeNode>[]);
    case 'login':
      return loginLines(stage.changes as readonly Change<Logins>[]);
  }
}

function formatDetail(detail: string, paint: Paint): string {
  const text = printable(detail);
  if (text.startsWith('+')) return paint('green', text);
  if (/^-(?!A )/.test(text)) return paint('red', text);
  return paint('dim', text);
}

function formatStage(stage: Stage, paint: Paint): readonly string[] {
  const lines = linesOf(stage).flatMap(({ action, text, details = [] }) => [
    `  ${paint(style[action], `${sign[action]} ${printable(text)}`)}`,
    ...details.map((detail) => `      ${formatDetail(detail, paint)}`),
  ]);
  return [paint('bold', stage.title), ...lines, ''];
}

const labelWords = {
  destroys: 'Destroys data',
  loosens: 'Loosens',
  tightens: 'Tightens',
} as const;
const labelStyle = { destroys: 'red', loosens: 'yellow', tightens: 'green' } as const;

/** More addresses with one label are counted. */
const namedMax = 5;

/** `Loosens: jail/web`: what somebody should know before he says yes. */
function formatLabels(plan: Plan, paint: Paint): readonly string[] {
  const changes = plan.stages.flatMap((stage) => stage.changes);
  return (['destroys', 'loosens', 'tightens'] as const).flatMap((label) => {
    const addresses = changes.filter((one) => one.label === label).map(({ address }) => address);
    if (addresses.length === 0) return [];
    const more = addresses.length - namedMax;
    const named = printable(addresses.slice(0, namedMax).join(', '));
    const rest = more > 0 ? `, and ${formatCount(more)} more` : '';
    return [paint(labelStyle[label], `${labelWords[label]}: ${named}${rest}`)];
  });
}

function formatConflict(conflict: Conflict, paint: Paint): readonly string[] {
  return [
    paint('red', `! ${printable(conflict.message)}`),
    ...conflict.waysOut.map((way) => `    ${paint('cyan', '→')} ${printable(way)}`),
    '',
  ];
}

function summary(plan: Plan, nothing: string): string {
  const count = (action: Action) =>
    plan.stages.flatMap((stage) => stage.changes).filter((one) => one.action === action).length;
  const parts = (['create', 'update', 'delete'] as const).map(
    (action) => `${formatCount(count(action))} to ${action}`,
  );
  if (plan.stages.length === 0 && plan.conflicts.length === 0) {
    return nothing;
  }
  const conflicts = plan.conflicts.length;
  const note = conflicts === 0 ? '' : `; ${conflicts} in the way, so nothing can be applied`;
  return `Plan: ${parts.join(', ')}${note}.`;
}

/**
 * Writes a plan for a person; `nothing` is said when it is empty. Names from the host can't steer the terminal.
 * @returns text that ends with a newline
 */
export function formatPlan(
  plan: Plan,
  options: { readonly color: boolean; readonly nothing: string },
): string {
  const paint = painter(options.color);
  const lines = [
    ...plan.warnings.map((warning) => paint('yellow', `warning: ${printable(warning)}`)),
    ...plan.stages.flatMap((stage) => formatStage(stage, paint)),
    ...plan.conflicts.flatMap((conflict) => formatConflict(conflict, paint)),
    ...formatLabels(plan, paint),
    paint('bold', summary(plan, options.nothing)),
  ];
  return `${lines.join('\n')}\n`;
}
