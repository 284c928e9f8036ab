import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { withoutFilter } from '../common.ts';
import type { Asker } from './reach.ts';

/** A sort of socket, with the numbers of Linux. */
interface Sort {
  readonly name: string;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  /** As /proc/net/protocols names it once the kernel has it; absent: every kernel has it. */
  readonly listed?: string;
}

const af = { inet: 2, inet6: 10, netlink: 16, packet: 17, alg: 38, vsock: 40 };
const sock = { stream: 1, datagram: 2, raw: 3, sequenced: 5, dccp: 6 };

/** Of these the kernel says itself that it has no such thing: nothing before it has refused. */
const unknownToKernel = [
  ...['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EINVAL'],
  // Of a family without a device.
  'ENODEV',
];

/** By which a filter, or the kernel's check of rights, refuses. Any other word proves nothing. */
const refusals = ['EPERM', 'EACCES', 'ENOSYS'];

/** One that no kernel has, and that makes none load a module. It is refused where the real one would be. */
function standIn(sort: Sort): Sort {
  return sort.family === af.inet || sort.family === af.inet6
    ? { ...sort, protocol: 300 }
    : { ...sort, family: 63 };
}

async function make(
  sorts: readonly Sort[],
  ask: Asker,
  where: string,
): Promise<readonly { readonly sort: Sort; readonly word: string }[]> {
  const [first, ...rest] = sorts.flatMap(({ family, type, protocol }) =>
    [family, type, protocol].map(String),
  );
  if (first === undefined) return [];
  const answer = await ask(['sockets', first, ...rest]);
  requireOutcome(answer, where);
  return sorts.map((sort, at) => ({ sort, word: answer.facts.get(`socket-${at}`) ?? 'none' }));
}

type Made = Awaited<ReturnType<typeof make>>;

/** `ENOSYS: SCTP, DCCP; done: UDP-Lite`. */
function text(made: Made): string {
  const words = [...new Set(made.map(({ word }) => word))];
  const names = (word: string) =>
    made.filter((one) => one.word === word).map(({ sort }) => sort.name);
  return words.map((word) => `${word}: ${names(word).join(', ')}`).join('; ');
}

/** Has the kernel had a look at it? */
const isIn = (word: string) => word === 'done' || unknownToKernel.includes(word);

/** @throws Error when one was neither refused nor let through: a full table of files says nothing */
async function throughInside(
  range: Range,
  sorts: readonly Sort[],
): Promise<{ readonly made: Made; readonly through: Made }> {
  const made = await make(sorts, (action) => range.inside(action), 'in the jail');
  const through = made.filter(({ word }) => isIn(word));
  const odd = made.filter(({ word }) => !isIn(word) && !refusals.includes(word));
  if (through.length === 0 && odd.length > 0) {
    throw new Error(`in the jail it came to ${text(odd)}`);
  }
  return { made, through };
}

/**
 * Makes sockets. What the kernel has not loaded is not loaded for a control, nor by an attempt that
 * nothing would refuse: it is what attackers want in there. So a stand-in goes first.
 */
async function makeSockets(
  range: Range,
  sorts: readonly Sort[],
  control: 'user' | 'root',
): Promise<Finding> {
  const protocols = range.host.reader.readText('/proc/net/protocols') ?? '';
  const listed = new Set(protocols.split('\n').map((line) => line.split(' ')[0]));
  const isLoaded = (sort: Sort) => sort.listed === undefined || listed.has(sort.listed);
  const absent = sorts.filter((sort) => !isLoaded(sort));
  const first = [...sorts.filter(isLoaded), ...absent.map(standIn)];
  const outside = await make(
    first,
    (action) =>
      range.host.outside(action, control === 'root' ? { isolated: true } : { as: range.user.uid }),
    'outside the jail',
  );
  const refusedOutside = outside.filter(({ word }) => !isIn(word));
  if (refusedOutside.length > 0) {
    return noControl(`outside the jail it does not work either: ${text(refusedOutside)}`);
  }
  const tried: Made[number][] = [];
  // The real ones only when no stand-in has got through.
  for (const sortsNow of [first, absent]) {
    const { made, through } = await throughInside(range, sortsNow);
    if (through.length > 0) return broken(`past the filter in the jail: ${text(through)}`);
    tried.push(...made.filter(({ sort }) => sorts.includes(sort)));
  }
  if (absent.length === 0) return held(text(tried));
  const names = absent.map(({ name }) => name).join(', ');
  return held(
    `${text(tried)}; not loaded outside, so the control was a number of no use: ${names}`,
  );
}

const filtered = {
  layer: 'seccomp',
  expected: 'ENOSYS or EPERM',
  control: 'outside, the call gets to the kernel',
  remedy: 'a runtime and a kernel with seccomp filters; no family added to the allow-list',
  weakOn: withoutFilter,
} as const;

interface Sockets extends Omit<Probe, 'attempt'> {
  readonly sorts: readonly Sort[];
  readonly as?: 'root';
}

function socketProbe({ sorts, as, ...probe }: Sockets): Probe {
  return { ...probe, attempt: (range) => makeSockets(range, sorts, as ?? 'user') };
}

const rights = {
  severity: 'high',
  layer: 'no_capabilities',
  expected: 'ENOSYS or EPERM',
  control: 'root makes them, in namespaces of its own',
  remedy: 'give the run no capabilities, least of all CAP_NET_RAW, and keep the seccomp filter',
} as const;

const families: readonly Sort[] = (
  [
    ['Bluetooth', 31, sock.sequenced, 0, 'L2CAP'],
    ['CAN', 29, sock.raw, 1, 'CAN_RAW'],
    ['KCM', 41, sock.sequenced, 0, 'KCM'],
    ['MCTP', 45, sock.datagram, 0, 'MCTP'],
    ['NFC', 39, sock.sequenced, 1, 'NFC_LLCP'],
    ['PF_KEY', 15, sock.raw, 2, 'KEY'],
    ['PPPoX', 24, sock.stream, 0, 'PPPOE'],
    ['QRTR', 42, sock.datagram, 0, 'QIPCRTR'],
    ['RDS', 21, sock.sequenced, 0, 'RDS'],
    ['RxRPC', 33, sock.datagram, 2, 'RXRPC'],
    ['SMC', 43, sock.stream, 0, 'SMC'],
    ['TIPC', 30, sock.sequenced, 0, 'TIPC'],
    ['X.25', 9, sock.sequenced, 0, 'X25'],
  ] as const
).map(([name, family, type, protocol, listed]) => ({ name, family, type, protocol, listed }));

const rareTransports: readonly Sort[] = [
  { name: 'SCTP', family: af.inet, type: sock.stream, protocol: 132, listed: 'SCTP' },
  {
    name: 'SCTP over IPv6',
    family: af.inet6,
    type: sock.sequenced,
    protocol: 132,
    listed: 'SCTPv6',
  },
  { name: 'DCCP', family: af.inet, type: sock.dccp, protocol: 33, listed: 'DCCP' },
  { name: 'L2TP', family: af.inet, type: sock.datagram, protocol: 115, listed: 'L2TP/IP' },
  { name: 'UDP-Lite', family: af.inet, type: sock.datagram, protocol: 136, listed: 'UDP-Lite' },
  { name: 'Multipath TCP', family: af.inet, type: sock.stream, protocol: 262, listed: 'MPTCP' },
];

/** Sockets that no program in a jail needs. */
export const socketProbes: readonly Probe[] = [
  socketProbe({
    ...rights,
    id: 'network/raw-sockets',
    title: 'makes raw sockets of IPv4 and IPv6',
    gain: 'packets with false senders, and a copy of those of others',
    as: 'root',
    sorts: [
      { name: 'ICMP', family: af.inet, type: sock.raw, protocol: 1 },
      { name: 'raw IPv4', family: af.inet, type: sock.raw, protocol: 255 },
      { name: 'ICMPv6', family: af.inet6, type: sock.raw, protocol: 58 },
      { name: 'raw IPv6', family: af.inet6, type: sock.raw, protocol: 255 },
    ],
  }),
  socketProbe({
    ...rights,
    id: 'network/packet-sockets',
    title: 'makes packet sockets (AF_PACKET)',
    gain: 'all that passes an interface, past every packet rule (CVE-2016-8655, CVE-2020-14386)',
    as: 'root',
    sorts: [
      { name: 'frames', family: af.packet, type: sock.raw, protocol: 0 },
      { name: 'datagrams', family: af.packet, type: sock.datagram, protocol: 0 },
    ],
  }),
  socketProbe({
    ...filtered,
    id: 'network/rare-transports',
    title: 'makes sockets of SCTP, DCCP, L2TP, UDP-Lite and Multipath TCP',
    severity: 'medium',
    gain: 'kernel code that hardly anybody tests (CVE-2017-6074, CVE-2022-4129)',
    sorts: rareTransports,
  }),
  socketProbe({
    ...filtered,
    id: 'network/rare-families',
    title: 'makes sockets of families that hardly anybody uses: TIPC, CAN, RDS, X.25 and others',
    severity: 'medium',
    gain: 'kernel code that hardly anybody tests (CVE-2021-43267, CVE-2010-3904)',
    sorts: families,
  }),
  socketProbe({
    ...filtered,
    id: 'network/vsock',
    title: 'makes sockets to the host of this virtual machine, and to its guests (AF_VSOCK)',
    severity: 'high',
    gain: 'agents that listen there, past every packet rule and network namespace (CVE-2021-26708)',
    sorts: [
      { name: 'streams', family: af.vsock, type: sock.stream, protocol: 0, listed: 'AF_VSOCK' },
      { name: 'datagrams', family: af.vsock, type: sock.datagram, protocol: 0, listed: 'AF_VSOCK' },
    ],
  }),
  socketProbe({
    ...filtered,
    id: 'network/alg',
    title: "makes sockets to the kernel's cryptography (AF_ALG)",
    severity: 'medium',
    gain: 'a large part of the kernel that unprivileged programs have broken (CVE-2019-8912)',
    sorts: [{ name: 'AF_ALG', family: af.alg, type: sock.sequenced, protocol: 0, listed: 'ALG' }],
  }),
  socketProbe({
    ...filtered,
    id: 'network/netlink',
    title: 'makes netlink sockets that ask the kernel about sockets, devices and the audit',
    severity: 'medium',
    gain: 'who listens and is connected on the host, and kernel code with a long list of faults',
    sorts: [
      { name: 'SOCK_DIAG', family: af.netlink, type: sock.raw, protocol: 4 },
      { name: 'KOBJECT_UEVENT', family: af.netlink, type: sock.raw, protocol: 15 },
      { name: 'GENERIC', family: af.netlink, type: sock.raw, protocol: 16 },
    ],
  }),
];
