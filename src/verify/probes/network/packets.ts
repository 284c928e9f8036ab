import { randomInt } from 'node:crypto';
import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl, worst } from '../../verdict.ts';
import { hostAddresses, isAllowed, isIpv6, isLinkLocal, isLoopback } from './addresses.ts';
import { type Place, reachAction, seek, trialsOf, unfencedUid } from './reach.ts';
import { openNetwork } from './why.ts';

/** Of an interface each: a host may have hundreds. */
const addressesMax = 4;

/** What all of these have in common. */
const packet = {
  severity: 'critical',
  layer: 'network_namespace',
  expected: 'refused, and nothing arrives',
  control: 'a user of no jail reaches the same listener outside',
  gain: 'every service of the host and, from there, of its network',
  remedy: 'network: none in the manifest, then jailctl apply; an OCI runtime as engine',
  moot: openNetwork,
} as const;

async function addressesOf(range: Range, wanted: 4 | 6): Promise<readonly string[]> {
  const all = (await hostAddresses(range.host)).map(({ address }) => address);
  const fit = all.filter((one) => isIpv6(one) === (wanted === 6) && !isLinkLocal(one));
  const first = wanted === 6 ? '::1' : '127.0.0.1';
  return [first, ...fit.filter((one) => !isLoopback(one))].slice(0, addressesMax);
}

async function seekAll(range: Range, family: 4 | 6, protocol: Place['protocol']): Promise<Finding> {
  const addresses = await addressesOf(range, family);
  return seek(
    range,
    addresses.map((address) => ({ protocol, address })),
  );
}

async function seekLinkLocal(range: Range): Promise<Finding> {
  const all = (await hostAddresses(range.host)).filter(({ address }) => isLinkLocal(address));
  const [first] = all;
  if (first === undefined) return noControl('no interface of the host has a link-local address');
  const address = `${first.address}%${first.index}`;
  return seek(range, [
    { protocol: 'tcp', address },
    { protocol: 'udp', address },
  ]);
}

/** Any address of 127.0.0.0/8 is one of this machine, and all but the first are rarely in use. */
function unusedLoopback(): string {
  return `127.${randomInt(2, 255)}.${randomInt(2, 255)}.${randomInt(2, 255)}`;
}

/** Resolvers of this machine itself; what is elsewhere gets no packet from a probe. */
async function ownResolvers(range: Range): Promise<readonly Place[]> {
  const own = (await hostAddresses(range.host)).map(({ address }) => address);
  const text = range.host.reader.readText('/etc/resolv.conf') ?? '';
  const servers = [...text.matchAll(/^nameserver\s+([0-9a-f.:]+)\s*$/gm)].map(([, one]) => one);
  return servers.flatMap((address) =>
    address !== undefined &&
    (isLoopback(address) || own.includes(address)) &&
    !isAllowed(range.subject.jail, 'tcp', address, 53)
      ? [{ protocol: 'tcp', address, port: 53 } as const]
      : [],
  );
}

/** The resolver that the host really has: connected to, but never asked anything. */
async function seekResolvers(range: Range): Promise<Finding | undefined> {
  const all = await ownResolvers(range);
  if (all.length === 0) return undefined;
  const outside = trialsOf(await range.host.outside(reachAction('-', all), { as: unfencedUid }));
  const real = all.filter((_, at) => outside[at]?.[0] === 'connected');
  if (real.length === 0) return undefined;
  const answer = await range.inside(reachAction('-', real));
  requireOutcome(answer, 'in the jail');
  const inside = trialsOf(answer);
  const text = real.map((one, at) => `${one.address}: ${inside[at]?.[0] ?? 'none'}`).join(', ');
  const isReached = inside.some(([word]) => word === 'connected');
  return (isReached ? broken : held)(`the resolver of the host, ${text}`);
}

async function seekDns(range: Range): Promise<Finding> {
  const address = unusedLoopback();
  const stand = await seek(range, [
    { protocol: 'udp', address, port: 53 },
    { protocol: 'tcp', address, port: 53 },
  ]);
  const real = await seekResolvers(range);
  if (real === undefined) return stand;
  if (stand.found !== 'held' || real.found !== 'held') return worst([stand, real]);
  return held(`${stand.evidence}; ${real.evidence}`);
}

function echo(id: string, family: 4 | 6): Probe {
  return {
    ...packet,
    id,
    title: `pings the host over IPv${family}`,
    severity: 'high',
    control: "root's echo request arrives",
    gain: 'a way to find machines, and to carry data out of the jail',
    attempt: async (range) => {
      const addresses = await addressesOf(range, family);
      const places = addresses.map((one) => ({ protocol: 'icmp', address: one }) as const);
      return seek(range, places, { control: 'root' });
    },
  };
}

/** Packets to addresses of the host. */
export const packetProbes: readonly Probe[] = [
  {
    ...packet,
    id: 'network/tcp-server',
    title: 'reaches a TCP server on the host, with the limits that the manifest declares',
    attempt: (range) =>
      seek(range, [{ protocol: 'tcp', address: '127.0.0.1' }], {
        from: (action) => range.inside(action, { limits: 'declared' }),
      }),
  },
  ...([4, 6] as const).flatMap((family): readonly Probe[] =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      ...packet,
      id: `network/ipv${family}-${protocol}`,
      title: `reaches the addresses of the host by ${protocol.toUpperCase()} over IPv${family}`,
      attempt: (range) => seekAll(range, family, protocol),
    })),
  ),
  {
    ...packet,
    id: 'network/ipv6-link-local',
    title: 'reaches a link-local address of the host, by TCP and UDP',
    attempt: seekLinkLocal,
  },
  {
    ...packet,
    id: 'network/ipv6-mapped',
    title: 'reaches an IPv4 address of the host from an IPv6 socket (::ffff:127.0.0.1)',
    attempt: (range) =>
      seek(
        range,
        (['tcp', 'udp'] as const).map((protocol) => ({
          ...{ protocol, address: '127.0.0.1', sought: '::ffff:127.0.0.1' },
        })),
      ),
  },
  {
    ...packet,
    id: 'network/host-loopback',
    title: 'reaches what listens on the loopback interface of the host, by its other addresses',
    attempt: (range) => {
      const address = unusedLoopback();
      return seek(range, [
        // Linux takes "any address" for the loopback one.
        { protocol: 'tcp', address: '127.0.0.1', sought: '0.0.0.0' },
        { protocol: 'udp', address: '127.0.0.1', sought: '0.0.0.0' },
        { protocol: 'tcp', address },
        { protocol: 'udp', address },
      ]);
    },
  },
  {
    ...packet,
    id: 'network/dns',
    title: 'reaches port 53 of the host by UDP and TCP, and the resolver that the host has',
    severity: 'high',
    gain: 'a tunnel to anywhere through the resolver, and the names of the inner network',
    attempt: seekDns,
  },
  echo('network/ping-ipv4', 4),
  echo('network/ping-ipv6', 6),
  {
    ...packet,
    id: 'network/udp-lite',
    title: 'reaches the host by UDP-Lite, which rules for UDP forget',
    severity: 'high',
    attempt: (range) => seek(range, [{ protocol: 'udplite', address: '127.0.0.1' }]),
  },
  {
    ...packet,
    id: 'network/multipath-tcp',
    title: 'reaches the host by Multipath TCP',
    severity: 'high',
    attempt: (range) => seek(range, [{ protocol: 'mptcp', address: '127.0.0.1' }]),
  },
  {
    ...packet,
    id: 'network/multicast',
    title: 'reaches a multicast group of the host, on its loopback interface',
    severity: 'high',
    gain: 'services that announce themselves (mDNS, SSDP), and a way to talk to all of them at once',
    attempt: (range) => {
      const group = `239.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
      return seek(range, [{ protocol: 'udp', address: group }]);
    },
  },
  {
    ...packet,
    id: 'network/broadcast',
    title: 'reaches the host by broadcast, on its loopback interface',
    severity: 'high',
    gain: 'services that answer everybody (DHCP, discovery)',
    attempt: (range) => seek(range, [{ protocol: 'udp', address: '127.255.255.255' }]),
  },
];
