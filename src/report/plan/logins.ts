import type { Logins } from '../../kinds/login/state.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

function nameOf(logins: Logins): string {
  return logins.type === 'sshd' ? 'rules for sshd' : `keys for ${logins.jail}`;
}

export function loginLines(changes: readonly Change<Logins>[]): readonly PlanLine[] {
  return changes.map((change) => {
    switch (change.action) {
      case 'create':
        return {
          action: 'create',
          text: nameOf(change.after),
          details: textDiff('', change.after.text),
        };
      case 'update':
        return {
          action: 'update',
          text: `${nameOf(change.after)}: ${change.reasons.join('; ')}`,
          details: textDiff(change.before.text, change.after.text),
        };
      case 'delete':
        return { action: 'delete', text: nameOf(change.before) };
    }
  });
}
