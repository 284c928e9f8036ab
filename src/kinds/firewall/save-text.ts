import { chainOf, leadsIntoChain } from './rule.ts';
import { chainName, type Family, type FirewallTable, type Rule } from './table.ts';

/** The filter table in what iptables-save printed. */
export interface FilterTable {
  readonly chains: readonly string[];
  readonly rules: readonly Rule[];
}

/**
 * Reads what iptables-save or ip6tables-save printed. Comments, other tables and counters
 * (`[12:3456]`, with --counters) are left out.
 */
export function parseSave(text: string): FilterTable {
  const chains: string[] = [];
  const rules: Rule[] = [];
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    if (table !== 'filter') continue;
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined) chains.push(chain);
    const rule = line.replace(/^\[\d+:\d+\] /, '').trimEnd();
    if (rule.startsWith('-A ')) rules.push(rule);
  }
  return { chains, rules };
}

/** @returns undefined where the table has no chain of jailctl's */
export function tableOf(family: Family, filter: FilterTable): FirewallTable | undefined {
  if (!filter.chains.includes(chainName)) return undefined;
  const output = filter.rules.filter((rule) => chainOf(rule) === 'OUTPUT');
  const lastJump = output.findLastIndex(leadsIntoChain);
  return {
    family,
    output: output.slice(0, lastJump + 1),
    chain: filter.rules.filter((rule) => chainOf(rule) === chainName),
    strays: filter.rules.filter((rule) => chainOf(rule) !== 'OUTPUT' && leadsIntoChain(rule)),
  };
}
