import { compare, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { withoutFilter } from '../common.ts';
import { isAllowed } from './addresses.ts';
import { newWord, type Place, reachAction, trialsOf } from './reach.ts';
import { openNetwork } from './why.ts';

const changes = ['address', 'route'] as const;

/** What is changed is undone at once: where nothing holds, it is the network of the host. */
async function changeNetwork(range: Range): Promise<Finding> {
  const outside = await range.host.outside(['network-change'], { isolated: true });
  const missing = changes.filter((name) => outside.facts.get(name)?.startsWith('done ') !== true);
  if (missing.length > 0) {
    const why = missing.map((name) => `${name}: ${outside.facts.get(name) ?? 'nothing'}`);
    return noControl(`outside the jail root can't do it either: ${why.join(', ')}`);
  }
  const answer = await range.inside(['network-change']);
  requireOutcome(answer, 'in the jail');
  const found = changes.map((name) => [name, answer.facts.get(name) ?? 'nothing'] as const);
  const worked = found.filter(([, said]) => said.startsWith('done '));
  if (worked.length > 0) return broken(`changed: ${worked.map(([name]) => name).join(', ')}`);
  const odd = found.find(([, said]) => !/^(?:EPERM|EACCES|ENOSYS) /.test(said));
  if (odd !== undefined) throw new Error(`${odd.join(' came to ')}`);
  return held(found.map(([name, said]) => `${name}: ${said}`).join(', '));
}

/** Where clouds tell a machine its secrets: Amazon, Google, Azure, OpenStack; Amazon over IPv6. */
const metadata = ['169.254.169.254', 'fd00:ec2::254'] as const;

/** In the interface `lo`, from which nothing leaves the machine, whoever has the address. */
const kept = (protocol: 'tcp' | 'udp', address: string): Place => ({
  ...{ protocol, address: `${address}%lo`, port: 80 },
});

/**
 * No packet goes to the real address. connect(2) of a UDP socket only looks for the way. Where there
 * is one, packets are tried on the loopback interface: they meet the same rules, and end there.
 */
async function seekMetadata(range: Range): Promise<Finding> {
  const { jail } = range.subject;
  const control = await range.host.outside(['own-address', metadata[0]], { isolated: true });
  if (control.outcome !== 'done') {
    return noControl(`nothing can listen at such an address: ${control.outcome}`);
  }
  const wanted = metadata.filter((address) =>
    ['tcp', 'udp'].every((protocol) => !isAllowed(jail, protocol, address, 80)),
  );
  if (wanted.length === 0) return noControl('the allow-list of the jail opens it');
  const asked = await range.inside(
    reachAction(
      '-',
      wanted.map((address) => ({ protocol: 'udp', address, port: 80 }) as const),
    ),
  );
  requireOutcome(asked, 'in the jail');
  const ways = trialsOf(asked);
  const text = wanted.map((address, at) => `${address}: ${ways[at]?.join(' of ')}`).join(', ');
  const routed = wanted.filter((_, at) => ways[at]?.[0] === 'routed');
  if (routed.length === 0) return held(text);
  const places = routed.flatMap((address) => [kept('udp', address), kept('tcp', address)]);
  const answer = await range.inside(reachAction(newWord(), places));
  requireOutcome(answer, 'in the jail');
  const trials = trialsOf(answer);
  // Before Linux 5.7 only root may choose an interface: then no packet was sent that a rule could refuse.
  if (trials.some(([, call]) => call === 'setsockopt')) {
    return noControl('there is a way, and this kernel lets no user keep packets on this machine');
  }
  const isLossy = jail.network.mode !== 'host' && jail.network.refusal === 'drop';
  const through = places.filter(({ protocol }, at) => {
    const word = trials[at]?.[0] ?? 'none';
    // A packet that passes meets silence there, as does one that is dropped: then UDP alone tells.
    return protocol === 'udp' ? word !== 'EPERM' : word !== 'ECONNREFUSED' && !isLossy;
  });
  const said = places.map(
    ({ protocol, address }, at) => `${protocol} ${address}: ${trials[at]?.join(' of ')}`,
  );
  if (through.length > 0) return broken(`no rule refused it: ${said.join(', ')}`);
  return held(`refused by the rules: ${said.join(', ')}`);
}

/** Changes of the network, and two ways past what guards it. */
export const changeProbes: readonly Probe[] = [
  {
    id: 'network/route-change',
    title: 'adds an address by netlink, and a route by ioctl',
    severity: 'high',
    layer: 'no_capabilities',
    expected: 'EPERM or ENOSYS',
    control: 'root does it in a network namespace of its own',
    gain: 'the addresses of others, whose traffic then comes to it',
    remedy: 'give the run no capabilities, least of all CAP_NET_ADMIN',
    attempt: changeNetwork,
  },
  {
    id: 'network/io-uring',
    title: 'makes a ring whose calls pass the filter by, socket(2) among them',
    severity: 'high',
    layer: 'seccomp',
    expected: 'EPERM',
    control: 'the same user makes one outside',
    gain: 'every socket that the filter refuses, and kernel code full of faults (CVE-2023-2598)',
    remedy: 'keep io_uring out of the seccomp filter; or sysctl kernel.io_uring_disabled=2',
    weakOn: withoutFilter,
    attempt: (range) =>
      compare(range, { attempt: ['io-uring'], refusals: ['EPERM', 'ENOSYS', 'EACCES'] }),
  },
  {
    id: 'network/metadata',
    title: 'reaches the metadata service of a cloud (169.254.169.254)',
    severity: 'critical',
    layer: 'network_namespace',
    expected: 'ENETUNREACH, or refused by the packet rules',
    control: 'with that address on a loopback interface of its own, root connects to it',
    gain: 'the credentials of the machine, and with them those of its owner in the cloud',
    remedy: 'network: none in the manifest, then jailctl apply; no allow-list that contains it',
    moot: openNetwork,
    attempt: seekMetadata,
  },
];
