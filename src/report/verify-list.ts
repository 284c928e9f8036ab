import { plural } from '../model/numbers.ts';
import { groupNames, groupOf, type Probe } from '../verify/probe.ts';
import { type Paint, painter } from './paint.ts';
import { labelled } from './verify-lines.ts';

const labelColumns = 12;

function entry(probe: Probe, paint: Paint): readonly string[] {
  const line = (label: string, text: string) => labelled(label, text, labelColumns);
  return [
    `${paint('bold', probe.id)} (${probe.severity})`,
    ...line('tries', probe.title),
    ...line('layer', probe.layer),
    ...line('expected', probe.expected),
    ...line('control', probe.control),
    ...line('gain', probe.gain),
    ...line('close it', probe.remedy),
    '',
  ];
}

/** Documents probes, by group. */
export function formatProbes(
  probes: readonly Probe[],
  options: { readonly color: boolean },
): string {
  const paint = painter(options.color);
  const groups = groupNames.flatMap((group) => {
    const some = probes.filter((probe) => groupOf(probe) === group);
    if (some.length === 0) return [];
    const head = paint('cyan', `${group}: ${plural(some.length, 'probe')}`);
    return [head, '', ...some.flatMap((probe) => entry(probe, paint))];
  });
  return [...groups, `${plural(probes.length, 'probe')} in all\n`].join('\n');
}
