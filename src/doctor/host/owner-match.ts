import type { Reader } from '../../model/reader.ts';
import { type Check, finding } from '../check.ts';

/** Signs that the kernel has it; none of them adds a rule to see. */
function isThere(reader: Reader): boolean {
  const matches = ['/proc/net/ip_tables_matches', '/proc/net/ip6_tables_matches'];
  if (matches.some((path) => /^owner$/m.test(reader.readText(path) ?? ''))) return true;
  if (reader.lstat('/sys/module/xt_owner') !== undefined) return true;
  const rules = ['iptables-save', 'ip6tables-save'] as const;
  if (rules.some((save) => / -m owner /.test(reader.query([save]).stdout))) return true;
  const modprobe = ['modprobe', '--dry-run', '--quiet', 'xt_owner'] as const;
  return reader.which('modprobe') !== undefined && reader.query(modprobe).status === 0;
}

/** The fence of jail users is made of rules by owner (iptables-extensions(8)). */
export const ownerMatchCheck: Check = {
  id: 'owner-match',
  title: 'packet rules by user',
  needsRoot: true,
  examine: ({ reader }) =>
    isThere(reader)
      ? []
      : [
          finding('unknown', 'it does not show whether the kernel has the owner match (xt_owner)', [
            { does: 'tries it on a copy of this host', command: 'jailctl rehearse' },
          ]),
        ],
};
