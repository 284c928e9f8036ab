import { InvalidArgumentError } from 'commander';
import { type Label, labels } from '../model/label.ts';
import { formatCount } from '../model/numbers.ts';
import type { Plan } from '../model/plan.ts';
import { changesOf } from '../planner/plan.ts';
import type { PolicyResult } from '../report/plan-json.ts';

/** `destroy` and `destroys` both name the label. */
function labelNamed(word: string): Label | undefined {
  return labels.find((label) => label === word || label === `${word}s`);
}

/**
 * The labels that `deny=destroy,loosen` names.
 * @throws InvalidArgumentError for anything else
 */
export function parsePolicy(text: string): readonly Label[] {
  const words = /^deny=(.+)$/.exec(text)?.[1]?.split(',') ?? [];
  const denied = words.map(labelNamed);
  if (denied.length > 0 && denied.every((label) => label !== undefined)) return denied;
  throw new InvalidArgumentError('Write deny= and some of: destroy, loosen, tighten, neutral.');
}

export function judge(plan: Plan, deny: readonly Label[]): PolicyResult {
  const changes = changesOf(plan).filter(({ label = 'neutral' }) => deny.includes(label));
  return { deny, denied: changes.map(({ address }) => address) };
}

/** How many changes a message names. */
const namedMax = 10;

/** For a person: which changes the policy denies, and why. */
export function denialText(plan: Plan, { denied }: PolicyResult): string {
  const labelOf = new Map(changesOf(plan).map(({ address, label }) => [address, label]));
  const lines = denied.slice(0, namedMax).map((address) => `  ${labelOf.get(address)}: ${address}`);
  const more = denied.length - namedMax;
  return [
    `jailctl: the policy denies ${formatCount(denied.length)} of these changes`,
    ...lines,
    ...(more > 0 ? [`  … and ${formatCount(more)} more`] : []),
    '',
  ].join('\n');
}
