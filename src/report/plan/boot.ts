import type { BootPart } from '../../kinds/boot/state.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

function textOf(part: BootPart): string {
  return part.type === 'file' ? part.text : '';
}

export function bootLines(changes: readonly Change<BootPart>[]): readonly PlanLine[] {
  return changes.map((change) => {
    switch (change.action) {
      case 'create':
        return { action: 'create', text: change.after.path };
      case 'update':
        return {
          action: 'update',
          text: `${change.after.path}: ${change.reasons.join('; ')}`,
          details: textDiff(textOf(change.before), textOf(change.after)),
        };
      case 'delete':
        return { action: 'delete', text: change.before.path };
    }
  });
}
