import type { Fact } from '../model/fact.ts';
import { formatCount, plural } from '../model/numbers.ts';
import { printable } from '../model/printable.ts';
import { painter } from './paint.ts';
import { textDiff } from './plan/text-diff.ts';

/** A fact that is not what it was. */
export interface Moved {
  readonly address: string;
  /** As lines; empty: there was nothing to say about the address, or there is not any more. */
  readonly was: readonly string[];
  readonly is: readonly string[];
}

/** How many facts are shown, and how many of them an error names. */
const shownMax = 20;

function side(name: string, text: string | null | undefined): readonly string[] {
  if (text === undefined) return [`${name} as wanted`];
  return text === null ? [`${name} nothing`] : text.split('\n').map((line) => `${name} ${line}`);
}

function linesOf(fact: Fact): readonly string[] {
  return [...side('wanted', fact.wanted), ...side('found', fact.found)];
}

/** By address; a conflict may share one with a resource. */
function byAddress(facts: readonly Fact[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(facts, ({ address }) => address);
  return new Map([...groups].map(([address, some]) => [address, some.flatMap(linesOf)]));
}

/** The facts that are not what they were: first what is in the way now. */
export function movedFacts(then: readonly Fact[], now: readonly Fact[]): readonly Moved[] {
  const [before, after] = [byAddress(then), byAddress(now)];
  const addresses = [...new Set([...after.keys(), ...before.keys()])];
  return addresses
    .map((address) => ({
      address,
      was: before.get(address) ?? [],
      is: after.get(address) ?? [],
    }))
    .filter(({ was, is }) => was.join('\n') !== is.join('\n'));
}

function only(lines: readonly string[], others: readonly string[]): string {
  const own = lines.filter((line) => !others.includes(line));
  return own.length === 0 ? 'nothing' : own.join('; ');
}

/** `was: found as wanted; is: found file 0777, 12 bytes`: what the two have in common is left out. */
export function movedMessage({ address, was, is }: Moved): string {
  return `${address} was: ${only(was, is)}; is: ${only(is, was)}`;
}

const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** Facts that moved, each with its address and a diff of what was and what is. */
export function formatMoved(moved: readonly Moved[], options: { readonly color: boolean }): string {
  const paint = painter(options.color);
  const lines = moved.slice(0, shownMax).flatMap(({ address, was, is }) => [
    paint('bold', printable(address)),
    ...textDiff(asText(was), asText(is))
      .filter((line) => !line.startsWith('@@'))
      .map((line) => {
        const text = `    ${printable(line)}`;
        if (line.startsWith('-')) return paint('red', text);
        return line.startsWith('+') ? paint('green', text) : text;
      }),
  ]);
  const more = moved.length - shownMax;
  const rest =
    more > 0 ? [`… and ${plural(more, 'more fact')} of ${formatCount(moved.length)}`] : [];
  return `${[...lines, ...rest].join('\n')}\n`;
}

/** The facts that an error names. */
export function namedMoved(moved: readonly Moved[]): readonly Moved[] {
  return moved.slice(0, shownMax);
}
