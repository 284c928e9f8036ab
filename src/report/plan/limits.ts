import type { HostLimits } from '../../kinds/limits/state.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

function nameOf(limits: HostLimits): string {
  return limits.type === 'pool' ? 'pool of UIDs' : 'limits of logins';
}

function textOf(limits: HostLimits): string {
  return limits.type === 'logins' ? limits.text : '';
}

export function limitsLines(changes: readonly Change<HostLimits>[]): readonly PlanLine[] {
  return changes.map((change) => {
    switch (change.action) {
      case 'create':
        return { action: 'create', text: nameOf(change.after) };
      case 'update':
        return {
          action: 'update',
          text: `${nameOf(change.after)}: ${change.reasons.join('; ')}`,
          details: textDiff(textOf(change.before), textOf(change.after)),
        };
      case 'delete':
        return { action: 'delete', text: nameOf(change.before) };
    }
  });
}
