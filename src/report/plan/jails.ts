import { writeMarker } from '../../kinds/jail/marker.ts';
import type { JailState } from '../../kinds/jail/state.ts';
import type { Change } from '../../model/change.ts';
import { formatBytes, plural } from '../../model/numbers.ts';
import type { JailSettings } from '../../model/settings.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

function networkText({ network }: JailSettings): string {
  if (network.mode !== 'allow') return `network ${network.mode}`;
  return `network to ${plural(network.targets.length, 'destination')}`;
}

function summary(jail: JailState): string {
  const { settings } = jail;
  const facts = settings ? [plural(settings.users.length, 'user'), networkText(settings)] : [];
  return [`${jail.name} at ${jail.path}`, ...facts].join(', ');
}

function settingsText(jail: JailState): string {
  return jail.settings === undefined ? '' : writeMarker(jail.settings);
}

export function jailLines(changes: readonly Change<JailState>[]): readonly PlanLine[] {
  return changes.map((change) => {
    switch (change.action) {
      case 'create':
        return { action: 'create', text: summary(change.after) };
      case 'update':
        return {
          action: 'update',
          text: `${change.after.name}: ${change.reasons.join('; ')}`,
          details: textDiff(settingsText(change.before), settingsText(change.after)),
        };
      case 'delete': {
        const { bytes } = change.before;
        const size = bytes === undefined ? '' : `, ${formatBytes(bytes)} in all`;
        return { action: 'delete', text: `${summary(change.before)}${size}` };
      }
    }
  });
}
