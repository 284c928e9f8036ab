import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

/** The lines of resources that are a text under a name; an update shows what differs. */
export function textLines<T>(
  changes: readonly Change<T>[],
  nameOf: (resource: T) => string,
  textOf: (resource: T) => string,
): readonly PlanLine[] {
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
