import type { BootPart } from '../../kinds/boot/state.ts';
import type { Change } from '../../model/change.ts';
import type { PlanLine } from './line.ts';
import { textLines } from './text-lines.ts';

export function bootLines(changes: readonly Change<BootPart>[]): readonly PlanLine[] {
  return textLines(
    changes,
    ({ path }) => path,
    (part) => (part.type === 'file' ? part.text : ''),
  );
}
