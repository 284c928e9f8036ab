import type { Address } from '../../model/address.ts';
import type { AllowedTarget } from '../../model/settings.ts';

export type Family = AllowedTarget['family'];

export const families: readonly Family[] = ['ipv4', 'ipv6'];

/** jailctl's own chain in the filter table; everything in it is jailctl's. */
export const chainName = 'JAILCTL';

/** A rule as iptables-save prints it, without counters: `-A OUTPUT -p tcp … -j ACCEPT`. */
export type Rule = string;

/** The fence of one address family. */
export interface FirewallTable {
  readonly family: Family;
  /**
   * OUTPUT, from its first rule to the last one that leads into the chain: desired are only the
   * jumps, so a rule before them shows.
   */
  readonly output: readonly Rule[];
  /** The chain's rules in their order. */
  readonly chain: readonly Rule[];
  /** Rules of other chains that lead into the chain; none is desired. */
  readonly strays: readonly Rule[];
  /** Desired only: rules of OUTPUT of the old scripts', which the fence takes the place of. */
  readonly replaces?: readonly Rule[];
}

export function firewallAddress(family: Family): Address {
  return `firewall/${family}`;
}

const tools = {
  ipv4: { save: 'iptables-save', restore: 'iptables-restore' },
  ipv6: { save: 'ip6tables-save', restore: 'ip6tables-restore' },
} as const;

export function toolsOf(family: Family): { readonly save: string; readonly restore: string } {
  return tools[family];
}

/** How long iptables tools wait for the lock that they share. */
export const lockWaitSeconds = 60;
