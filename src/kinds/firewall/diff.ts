import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { printable } from '../../model/printable.ts';
import { diffResources } from '../diff.ts';
import { leadsIntoChain, ruleKey } from './rule.ts';
import { chainName, type FirewallTable, type Rule } from './table.ts';

/** The rules of one list that the other lacks; a rule that is there twice counts twice. */
function without(rules: readonly Rule[], others: readonly Rule[]): readonly Rule[] {
  const left = others.map(ruleKey);
  return rules.filter((rule) => {
    const at = left.indexOf(ruleKey(rule));
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function sameOrder(wanted: readonly Rule[], found: readonly Rule[]): boolean {
  return wanted.every((rule, at) => ruleKey(rule) === ruleKey(found[at] ?? ''));
}

function chainReasons(wanted: readonly Rule[], found: readonly Rule[]): readonly string[] {
  const missing = without(wanted, found).map((rule) => `missing: ${rule}`);
  const extra = without(found, wanted).map((rule) => `not wanted: ${printable(rule)}`);
  if (missing.length > 0 || extra.length > 0) return [...missing, ...extra];
  return sameOrder(wanted, found) ? [] : [`the rules of ${chainName} are in another order`];
}

function outputReasons(wanted: readonly Rule[], found: readonly Rule[]): readonly string[] {
  const jumps = found.filter(leadsIntoChain);
  const missing = without(wanted, jumps).map((rule) => `missing: ${rule}`);
  const extra = without(jumps, wanted).map((rule) => {
    const again = wanted.some((jump) => ruleKey(jump) === ruleKey(rule));
    return `${again ? 'there twice' : 'not wanted'}: ${printable(rule)}`;
  });
  const before = found
    .filter((rule) => !leadsIntoChain(rule))
    .map((rule) => `a rule stands before the jump to ${chainName}: ${printable(rule)}`);
  const reasons = [...missing, ...extra, ...before];
  if (reasons.length > 0) return reasons;
  return sameOrder(wanted, jumps) ? [] : [`the jumps to ${chainName} are in another order`];
}

function reasonsOf(wanted: FirewallTable, found: FirewallTable): readonly string[] {
  const strays = found.strays.map((rule) => `another chain uses ${chainName}: ${printable(rule)}`);
  return [
    ...outputReasons(wanted.output, found.output),
    ...chainReasons(wanted.chain, found.chain),
    ...strays,
    ...(wanted.replaces ?? []).map((rule) => `takes the place of: ${rule}`),
  ];
}

export function diffFirewall(
  desired: ReadonlyMap<Address, FirewallTable>,
  observed: ReadonlyMap<Address, FirewallTable>,
): readonly Change<FirewallTable>[] {
  return diffResources(desired, observed, {
    jailOf: () => undefined,
    reasonsOf,
    whyCreate: `the filter table has no chain ${chainName}`,
    whyDelete: () => 'no jail is left to fence',
  });
}
