import type { ConfigEdit, Mutation } from '../mutation.ts';

const ownNetwork: ConfigEdit = {
  removeFrom: 'linux.namespaces',
  key: 'type',
  value: 'network',
};

const noFilter: ConfigEdit = { remove: 'linux.seccomp' };

/** The program gets it although it is not root, and may not get more rights: ambient ones are kept. */
function capability(name: string): readonly ConfigEdit[] {
  return ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'].map((set) => ({
    append: `process.capabilities.${set}`,
    value: name,
  }));
}

/** socket(2) with this family, whatever else the filter says. */
function family(number: number): ConfigEdit {
  return {
    append: 'linux.seccomp.syscalls',
    value: {
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 0xffff_ffff, valueTwo: number, op: 'SCMP_CMP_MASKED_EQ' }],
    },
  };
}

/** In front of the fence, which stays: a run whose fence is gone would not start. */
const passAll = `
  for tool in iptables ip6tables; do
    $tool --wait -C OUTPUT -j ACCEPT 2>/dev/null || $tool --wait -I OUTPUT -j ACCEPT
  done`;

const overIpv4: Mutation['caughtBy'] = [
  'network/tcp-server',
  ...['network/ipv4-tcp', 'network/ipv4-udp', 'network/ipv6-mapped'],
  ...['network/host-loopback', 'network/dns', 'network/multicast', 'network/broadcast'],
];

/** The network namespace, and what runs could do with sockets. */
const runMutations: readonly Mutation[] = [
  {
    id: 'network-shared',
    title: 'runs are in the network namespace of the host',
    caughtBy: [
      'network/abstract-host',
      ...['network/abstract-sibling', 'network/socket-list'],
      ...['network/listener-udp', 'network/listener-abstract'],
    ],
    change: { on: 'runs', edits: [ownNetwork] },
  },
  {
    id: 'network-shared-open',
    title: 'runs are in the network namespace of the host, and its rules let all through',
    caughtBy: [
      ...overIpv4,
      ...['network/ipv6-tcp', 'network/ipv6-udp', 'network/sibling-tcp', 'network/listener-tcp'],
      ...['network/ping-ipv4', 'network/ping-ipv6', 'network/metadata'],
    ],
    change: {
      on: 'runs',
      edits: [ownNetwork],
      script: `${passAll}
        echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range
        ip route replace 169.254.169.254 dev lo`,
    },
  },
  {
    id: 'network-shared-unfiltered',
    title:
      'runs are in the network of the host, which lets all through, without a filter for calls',
    caughtBy: ['network/udp-lite', 'network/multipath-tcp'],
    change: { on: 'runs', edits: [ownNetwork, noFilter], script: passAll },
  },
  {
    id: 'sockets-unfiltered',
    title: 'the runtime sets no filter for system calls, so every family of sockets is there',
    caughtBy: [
      'network/rare-transports',
      ...['network/rare-families', 'network/vsock', 'network/alg'],
      ...['network/netlink', 'network/io-uring'],
    ],
    change: { on: 'runs', edits: [noFilter] },
  },
  {
    id: 'filter-with-vsock',
    title: 'the filter for system calls lets AF_VSOCK through',
    caughtBy: ['network/vsock'],
    change: { on: 'runs', edits: [family(40)] },
  },
  {
    id: 'filter-with-alg',
    title: 'the filter for system calls lets AF_ALG through',
    caughtBy: ['network/alg'],
    change: { on: 'runs', edits: [family(38)] },
  },
  {
    id: 'filter-with-netlink',
    title: 'the filter for system calls lets all of netlink through',
    caughtBy: ['network/netlink'],
    change: { on: 'runs', edits: [family(16)] },
  },
  {
    id: 'capability-net-raw',
    title: 'runs have CAP_NET_RAW, and no filter for system calls',
    caughtBy: ['network/raw-sockets', 'network/packet-sockets'],
    change: { on: 'runs', edits: [noFilter, ...capability('CAP_NET_RAW')] },
  },
  {
    id: 'capability-net-admin',
    title: 'runs have CAP_NET_ADMIN',
    caughtBy: ['network/route-change'],
    change: { on: 'runs', edits: capability('CAP_NET_ADMIN') },
  },
  {
    id: 'run-directory-mounted',
    title: 'the directory /run of the host is mounted into runs',
    caughtBy: ['network/pathname-socket', 'network/service-sockets', 'network/resolver-sockets'],
    change: {
      on: 'runs',
      edits: [
        {
          append: 'mounts',
          value: { destination: '/run', source: '/run', type: 'bind', options: ['bind', 'ro'] },
        },
      ],
    },
  },
];

/** The fence of packet rules. */
const ruleMutations: readonly Mutation[] = [
  {
    id: 'rules-flushed-ipv4',
    title: 'the IPv4 rules of the fence are flushed',
    caughtBy: ['network/rules', 'network/fence-ipv4'],
    change: { on: 'host', script: 'iptables --wait -F JAILCTL' },
  },
  {
    id: 'rules-flushed-ipv6',
    title: 'the IPv6 rules of the fence are flushed',
    caughtBy: ['network/rules', 'network/fence-ipv6'],
    change: { on: 'host', script: 'ip6tables --wait -F JAILCTL' },
  },
  {
    id: 'rules-behind-accept-ipv4',
    title: 'a rule that accepts everything over IPv4 stands before the fence',
    caughtBy: [...overIpv4, 'network/rules', 'network/fence-ipv4'],
    change: { on: 'host', script: 'iptables --wait -I OUTPUT -j ACCEPT' },
  },
  {
    id: 'rules-behind-accept-ipv6',
    title: 'a rule that accepts everything over IPv6 stands before the fence',
    caughtBy: ['network/rules', 'network/fence-ipv6', 'network/ipv6-tcp', 'network/ipv6-udp'],
    change: { on: 'host', script: 'ip6tables --wait -I OUTPUT -j ACCEPT' },
  },
  {
    id: 'rules-without-jump',
    title: 'nothing leads the packets of jail users into the fence',
    caughtBy: ['network/rules', 'network/fence-ipv4', 'network/fence-ipv6'],
    change: { on: 'host', script: 'iptables --wait -F OUTPUT; ip6tables --wait -F OUTPUT' },
  },
  {
    id: 'rules-without-one-user',
    title: 'one user of the jail is let through before the fence',
    caughtBy: ['network/rules', 'network/fence-ipv4'],
    change: {
      on: 'host',
      script: 'iptables --wait -I OUTPUT -m owner --uid-owner "$ID" -j ACCEPT',
    },
  },
  {
    id: 'rules-with-dns',
    title: 'the fence lets DNS through',
    caughtBy: ['network/rules', 'network/dns'],
    change: {
      on: 'host',
      script: `
        for protocol in udp tcp; do
          iptables --wait -I JAILCTL -p $protocol --dport 53 -j RETURN
        done`,
    },
  },
  {
    id: 'rules-with-wider-port',
    title: 'the fence lets the port beside one of the allow-list through',
    caughtBy: ['network/rules', 'network/allow-list'],
    change: {
      on: 'host',
      script: 'iptables --wait -I JAILCTL -d 127.0.0.1/32 -p tcp --dport 7007:7008 -j RETURN',
    },
  },
];

export const networkMutations: readonly Mutation[] = [...runMutations, ...ruleMutations];
