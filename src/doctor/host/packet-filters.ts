import { plural } from '../../model/numbers.ts';
import type { Reader } from '../../model/reader.ts';
import { type Check, type Finding, finding } from '../check.ts';

/** The two worlds of a family, and what jailctl itself calls. */
const families = [
  {
    family: 'IPv4',
    save: 'iptables-save',
    legacy: 'iptables-legacy-save',
    nft: 'iptables-nft-save',
  },
  {
    family: 'IPv6',
    save: 'ip6tables-save',
    legacy: 'ip6tables-legacy-save',
    nft: 'ip6tables-nft-save',
  },
] as const;

/** Lines that say what happens to packets: rules, and policies that drop. */
function rulesIn(reader: Reader, command: string): readonly string[] {
  if (reader.which(command) === undefined) return [];
  const { status, stdout } = reader.query([command]);
  if (status !== 0) return [];
  return stdout.split('\n').filter((line) => /^-A |^:\S+ DROP /.test(line));
}

function familyFindings(reader: Reader, one: (typeof families)[number]): readonly Finding[] {
  const { family, save, legacy, nft } = one;
  const { status, stderr } = reader.query([save]);
  if (status !== 0) {
    const message = `the packet rules of ${family} can't be read: ${save}: ${stderr.trim()}`;
    const command = `modprobe ${family === 'IPv4' ? 'ip_tables' : 'ip6_tables'}`;
    return [finding('problem', message, [{ does: 'loads what they need', command }])];
  }
  const [old, now] = [rulesIn(reader, legacy), rulesIn(reader, nft)];
  if (old.length === 0 || now.length === 0) return [];
  const message =
    `${family} has packet rules in two worlds: ${old.length} by legacy iptables, ` +
    `${plural(now.length, 'rule')} by nftables; the kernel obeys both, and each tool shows one`;
  return [
    finding('warning', message, [
      { does: 'shows the legacy ones', command: legacy },
      { does: 'shows those of nftables', command: nft },
      {
        does: 'chooses one world for all tools',
        command: `update-alternatives --config ${save.replace('-save', '')}`,
      },
    ]),
  ];
}

export const packetFiltersCheck: Check = {
  id: 'packet-filters',
  title: 'packet rules of both families',
  needsRoot: true,
  examine: ({ reader }) => families.flatMap((family) => familyFindings(reader, family)),
};
