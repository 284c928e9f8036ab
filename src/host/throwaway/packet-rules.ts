import { Failure } from '../../model/failure.ts';
import type { Reader } from '../../model/reader.ts';

/** The rules of one family, in the form that `restore` takes on its standard input. */
export interface PacketRules {
  readonly restore: string;
  readonly text: string;
}

/**
 * The packet rules that are live on the real host. Both worlds are asked where both are installed
 * (iptables-nft and iptables-legacy), because both can hold rules at the same time. Reading makes
 * no table: iptables-nft-save sends only GET messages, iptables-legacy-save reads
 * /proc/net/ip_tables_names first. Rules made with `nft` alone are not seen.
 * @throws Failure when a tool that is there can't read the rules
 */
export function readPacketRules(reader: Reader): PacketRules[] {
  const found: PacketRules[] = [];
  for (const family of ['iptables', 'ip6tables']) {
    const flavours = [`${family}-nft`, `${family}-legacy`].filter((tool) =>
      reader.which(`${tool}-save`),
    );
    if (flavours.length === 0 && reader.which(`${family}-save`)) flavours.push(family);
    for (const tool of flavours) {
      const { status, stdout, stderr } = reader.query([`${tool}-save`]);
      if (status !== 0) throw new Failure(`${tool}-save failed: ${stderr.trim()}`);
      // Comments alone mean that there is no table at all.
      if (/^\*/m.test(stdout)) found.push({ restore: `${tool}-restore`, text: stdout });
    }
  }
  return found;
}
