import { plural } from '../model/numbers.ts';
import { printable } from '../model/printable.ts';
import { type MutationResult, type OutcomeName, outcomes } from '../verify/mutate.ts';
import { type Paint, painter, type Style } from './paint.ts';

const label: Readonly<Record<OutcomeName, string>> = {
  caught: 'caught',
  missed: 'MISSED',
  not_proven: 'not proven',
  fault: 'FAULT',
};
const style: Readonly<Record<OutcomeName, Style>> = {
  caught: 'green',
  missed: 'red',
  not_proven: 'yellow',
  fault: 'red',
};

const labelWidth = 'not proven'.length;

/** What one mutation came to: a line, and one more for each probe. */
export function formatMutation(result: MutationResult, { color }: { color: boolean }): string {
  const paint: Paint = painter(color);
  const { mutation, outcome, notices } = result;
  const name = paint(style[outcome], label[outcome].padEnd(labelWidth));
  const lines = notices.map((one) => {
    const mark = one.outcome === outcome ? '' : `${label[one.outcome]}: `;
    return `${' '.repeat(labelWidth + 2)}${one.probe}: ${mark}${paint('dim', printable(one.evidence))}`;
  });
  return `${[`${name}  ${paint('bold', mutation.id)}: ${printable(mutation.title)}`, ...lines].join('\n')}\n`;
}

/** `52 mutations: 50 caught, 2 not proven`. */
export function formatMutations(results: readonly MutationResult[]): string {
  const counts = outcomes.toReversed().flatMap((name) => {
    const count = results.filter(({ outcome }) => outcome === name).length;
    return count === 0 ? [] : [`${count} ${label[name]}`];
  });
  return `\n${plural(results.length, 'mutation')}: ${counts.join(', ') || 'none tried'}\n`;
}
