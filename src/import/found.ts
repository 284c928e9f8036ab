import type { Family, Rule } from '../kinds/firewall/table.ts';

/** A user of a jail that was made without jailctl. */
export interface FoundUser {
  /** `web1`: the jail's name and a number from 1. */
  readonly name: string;
  readonly number: number;
  readonly uid: number;
  readonly gid: number;
  /** As passwd has it: `/web/./home/web1`. */
  readonly home: string;
  readonly shell: string;
}

/** A rule of the form that the old scripts made: everything that one user sends is lost. */
export interface OldRule {
  readonly family: Family;
  /** As iptables-save prints it. */
  readonly rule: Rule;
  readonly uid: number;
}

/** What the packet rules of this host do to a jail's users. */
export interface FoundNetwork {
  readonly mode: 'none' | 'host';
  /** What a manifest can't say of it, or says otherwise. */
  readonly notes: readonly string[];
}

/** Entries for `tools`, and what they do not bring. */
export interface FoundTools {
  readonly entries: readonly string[];
  readonly notes: readonly string[];
}

/** A jail that was made without jailctl, as far as a manifest can tell of it. */
export interface FoundJail {
  readonly name: string;
  readonly path: string;
  /** In the order of their numbers. */
  readonly users: readonly FoundUser[];
  /** Accounts that live in it and have other names. */
  readonly others: readonly string[];
  readonly network: FoundNetwork;
  /** `chroot`: its users have Jailkit's login shell. */
  readonly login: 'none' | 'chroot';
  readonly tools: FoundTools;
  readonly notes: readonly string[];
}

/** `web1, web2, web3 and 9 more`. */
export function someOf(names: readonly string[], shownMax = 5): string {
  const more = names.length - shownMax;
  return `${names.slice(0, shownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
