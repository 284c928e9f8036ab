import type { HostLimits } from '../../kinds/limits/state.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textLines } from './text-lines.ts';

export function limitsLines(changes: readonly Change<HostLimits>[]): readonly PlanLine[] {
  return textLines(
    changes,
    ({ type }) => (type === 'pool' ? 'pool of UIDs' : 'limits of logins'),
    (limits) => (limits.type === 'logins' ? limits.text : ''),
  );
}
