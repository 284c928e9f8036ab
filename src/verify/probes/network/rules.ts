import { observeFirewall } from '../../../kinds/firewall/observe.ts';
import { type Family, families, firewallAddress } from '../../../kinds/firewall/table.ts';
import type { Probe } from '../../probe.ts';
import type { Range, Subject } from '../../range.ts';
import { broken, type Finding, held, noControl, worst } from '../../verdict.ts';
import { fenceFaults } from './fence-rules.ts';
import { seek } from './reach.ts';
import { openNetwork } from './why.ts';

function noRules(subject: Subject): string | undefined {
  return subject.isForeign
    ? 'the jail is not of jailctl, which has no rules for it'
    : openNetwork(subject);
}

/** The control is the same reading of the rules as they would be without those that refuse. */
function readRules({ subject: { jail }, host }: Range): Finding {
  const { resources } = observeFirewall(host.reader, new Map());
  const findings = families.flatMap((family) => {
    const table = resources.get(firewallAddress(family));
    if (table === undefined)
      return [broken(`${family}: the filter table has no chain of jailctl's`)];
    return jail.users.map(({ uid }) => {
      const faults = fenceFaults(jail, table, uid);
      if (faults.length > 0) return broken(faults.join('; '));
      const isSeen = fenceFaults(jail, { ...table, chain: [] }, uid).length > 0;
      return isSeen ? held(family) : noControl(`${family}: an empty chain would look the same`);
    });
  });
  const [first, ...rest] = findings;
  if (first === undefined) throw new Error(`jail ${jail.name} has no users`);
  const one = worst([first, ...rest]);
  if (one.found !== 'held') return one;
  return held(
    `both families lead ${jail.users.length} UIDs into the fence first, and refuse the rest`,
  );
}

/** Real packets of the first and the last user, from outside of the jail: only the rules are in the way. */
async function sendAsUsers(range: Range, family: Family): Promise<Finding> {
  const { users } = range.subject.jail;
  const address = family === 'ipv4' ? '127.0.0.1' : '::1';
  const places = [
    { protocol: 'tcp', address },
    { protocol: 'udp', address },
  ] as const;
  const send = (uid: number) =>
    seek(range, places, { from: (action) => range.host.outside(action, { as: uid }) });
  const first = await send(users[0]?.uid ?? range.user.uid);
  const last = users.length > 1 ? users.at(-1) : undefined;
  return last === undefined ? first : worst([first, await send(last.uid)]);
}

/** The fence of packet rules, which holds whatever a run may get out of. */
export const ruleProbes: readonly Probe[] = [
  {
    id: 'network/rules',
    title: 'looks for a hole in the packet rules: flushed, reordered, or one too many',
    severity: 'high',
    layer: 'packet rules for the UID',
    expected: 'the jump comes first, and all but the allow-list is refused',
    control: 'without the rules that refuse, the same reading finds the hole',
    gain: 'the network of the host, for whoever gets out of the network namespace',
    remedy: 'jailctl apply puts the rules back',
    moot: noRules,
    attempt: async (range) => readRules(range),
  },
  ...families.map(
    (family): Probe => ({
      id: `network/fence-${family}`,
      title: `sends packets over ${family === 'ipv4' ? 'IPv4' : 'IPv6'} as a user of the jail, but outside of it`,
      severity: 'high',
      layer: 'packet rules for the UID',
      expected: 'refused, and nothing arrives',
      control: 'a user of no jail reaches the same listener',
      gain: 'the network of the host, for whoever gets out of the network namespace',
      remedy: 'jailctl apply puts the rules back',
      moot: noRules,
      attempt: (range) => sendAsUsers(range, family),
    }),
  ),
];
