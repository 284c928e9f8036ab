import type { Address } from '../../model/address.ts';
import type { Conflict } from '../../model/change.ts';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { plural } from '../../model/numbers.ts';
import type { Reader } from '../../model/reader.ts';
import type { Observed } from '../kind.ts';
import { isOurs, leadsIntoChain } from './rule.ts';
import { parseSave, tableOf } from './save-text.ts';
import {
  chainName,
  type Family,
  type FirewallTable,
  families,
  firewallAddress,
  toolsOf,
} from './table.ts';

/** The names of the tables that the legacy variant has made; there once its module is loaded. */
const legacyTables = {
  ipv4: '/proc/net/ip_tables_names',
  ipv6: '/proc/net/ip6_tables_names',
} as const;

/**
 * @throws Failure with exit code 7 when the rules can't be read. A host without IPv6 is no
 *   exception: the kernel loads it when a program asks for a socket, and then nothing would fence it
 */
function save(reader: Reader, family: Family, tool: string): string {
  const { status, stdout, stderr } = reader.query([tool]);
  if (status !== 0) {
    throw new Failure(`${tool} can't read the packet filter: ${stderr.trim()}`, {
      exitCode: exitCode.missing,
      hint:
        family === 'ipv6'
          ? 'jail users are fenced in IPv6 too: load ip6_tables and ip6table_filter, or switch to the nft variant of ip6tables'
          : 'load ip_tables and iptable_filter, or switch to the nft variant of iptables',
    });
  }
  // Printed for a table that holds what only nft(8) can write. What is in it stays unknown.
  if (/Table [`']filter' is incompatible/.test(stdout + stderr)) {
    throw new Failure(`${tool} can't read the filter table: it holds rules made by nft itself`, {
      hint: `move these rules to a table of their own: nft list table ${family === 'ipv4' ? 'ip' : 'ip6'} filter shows them`,
    });
  }
  return stdout;
}

/**
 * The variants of the tool that may have live tables beside those in `text`. An empty text does
 * not tell which variant printed it.
 */
function otherVariants(reader: Reader, family: Family, text: string): readonly string[] {
  const base = toolsOf(family).save.replace('-save', '');
  const isNft = text.includes('(nf_tables)');
  const isLegacy = text !== '' && !isNft;
  const legacyLive = (reader.readText(legacyTables[family]) ?? '').trim() !== '';
  return [
    ...(isNft ? [] : [`${base}-nft-save`]),
    ...(isLegacy || !legacyLive ? [] : [`${base}-legacy-save`]),
  ];
}

/** Both variants filter each packet, so a rule of either may cut what the other lets through. */
function variantWarning(reader: Reader, tool: string): readonly string[] {
  if (reader.which(tool) === undefined) return [];
  const { status, stdout, stderr } = reader.query([tool]);
  if (status !== 0) return [`${tool} fails, so its rules stay unknown: ${stderr.trim()}`];
  const filter = parseSave(stdout);
  if (filter.chains.includes(chainName)) {
    return [
      `${tool} shows a chain ${chainName} too: the host's iptables was another variant once. It still fences; jailctl does not change it`,
    ];
  }
  if (filter.rules.length === 0) return [];
  return [`legacy and nft tables are both live: ${tool} shows rules that apply too`];
}

/**
 * Every rule of jailctl's has a comment of its own, and rules of one family come and go at once: a
 * chain with rules, none of which has it, is somebody else's. An empty one is what `iptables
 * --flush` left.
 */
function isForeign({ output, chain, strays }: FirewallTable): boolean {
  const rules = [...output.filter(leadsIntoChain), ...chain, ...strays];
  return rules.length > 0 && !rules.some(isOurs);
}

function foreignChain({ family, chain }: FirewallTable): Conflict {
  const tool = toolsOf(family).save.replace('-save', '');
  return {
    address: firewallAddress(family),
    message: `a chain ${chainName} of ${tool} is in the way: none of its ${plural(chain.length, 'rule')} has jailctl's comment`,
    waysOut: [`rename it: ${tool} --rename-chain ${chainName} NAME`, 'or remove it'],
  };
}

/** Reads the filter tables of both families, each by one call. */
export function observeFirewall(
  reader: Reader,
  desired: ReadonlyMap<Address, FirewallTable>,
): Observed<FirewallTable> {
  const resources = new Map<Address, FirewallTable>();
  const warnings: string[] = [];
  const conflicts: Conflict[] = [];
  for (const family of families) {
    const text = save(reader, family, toolsOf(family).save);
    const table = tableOf(family, parseSave(text));
    const address = firewallAddress(family);
    if (table !== undefined && !isForeign(table)) resources.set(address, table);
    else if (table !== undefined && desired.has(address)) conflicts.push(foreignChain(table));
    for (const tool of otherVariants(reader, family, text)) {
      warnings.push(...variantWarning(reader, tool));
    }
  }
  return { resources, conflicts, warnings };
}
