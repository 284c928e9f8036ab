import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { desiredFirewall } from '../../src/desired/firewall.ts';
import type { FirewallTable, Rule } from '../../src/kinds/firewall/table.ts';
import type { AllowedTarget, JailSettings, Network } from '../../src/model/settings.ts';
import { isAllowed } from '../../src/verify/probes/network/addresses.ts';
import { fenceFaults } from '../../src/verify/probes/network/fence-rules.ts';
import { seek } from '../../src/verify/probes/network/reach.ts';
import { networkProbes } from '../../src/verify/probes/network.ts';
import type { VerdictName } from '../../src/verify/verdict.ts';
import { jail, pool } from '../firewall/model-host.ts';
import type { TestHost } from '../rig/host.ts';
import { engineHost } from '../scenarios/exec-jail.ts';
import { scriptedRange } from './scripted.ts';

const target: AllowedTarget = {
  ...{ family: 'ipv4', to: '10.0.0.5/32', protocol: 'tcp', ports: { first: 80, last: 90 } },
};
const listed: Network = { mode: 'allow', refusal: 'reject', targets: [target] };

test('an allow-list lets through what it names, and nothing beside it', () => {
  const web = jail('web', [70000], listed);
  expect(isAllowed(web, 'tcp', '10.0.0.5', 80)).toBe(true);
  expect(isAllowed(web, 'tcp', '10.0.0.5', 90)).toBe(true);
  for (const [protocol, address, port] of [
    ...[['tcp', '10.0.0.5', 79] as const, ['tcp', '10.0.0.5', 91] as const],
    ...[['udp', '10.0.0.5', 80] as const, ['tcp', '10.0.0.6', 80] as const],
  ]) {
    expect(isAllowed(web, protocol, address, port)).toBe(false);
  }
});

test('a run that says nothing proves nothing of the metadata service', async () => {
  const metadata = networkProbes.find(({ id }) => id === 'network/metadata');
  const range = scriptedRange({ outside: () => 'done', inside: () => 'cut off\n' });
  await expect(metadata?.attempt(range)).rejects.toThrow('said no outcome');
});

function fenceOf(settings: readonly JailSettings[]): readonly FirewallTable[] {
  return [...desiredFirewall(settings, pool).values()];
}

const faults = (one: JailSettings, tables: readonly FirewallTable[]) =>
  tables.flatMap((table) => one.users.flatMap(({ uid }) => fenceFaults(one, table, uid)));

const targets: fc.Arbitrary<AllowedTarget> = fc.oneof(
  fc.record({
    family: fc.constant('ipv4' as const),
    to: fc.constantFrom('10.0.0.5/32', '127.0.0.0/8', '0.0.0.0/0'),
    protocol: fc.constantFrom('tcp', 'udp'),
    ports: fc.constantFrom(
      { first: 80, last: 80 },
      { first: 1, last: 99 },
      { first: 0, last: 65535 },
    ),
  }),
  fc.record({
    family: fc.constant('ipv6' as const),
    to: fc.constantFrom('fd00::/8', '::/0'),
    protocol: fc.constant('any' as const),
  }),
);
const networks: fc.Arbitrary<Network> = fc.oneof(
  fc.record({ mode: fc.constant('none'), refusal: fc.constantFrom('reject', 'drop') }),
  fc.record({
    mode: fc.constant('allow'),
    refusal: fc.constantFrom('reject', 'drop'),
    targets: fc.array(targets, { maxLength: 4 }),
  }),
);

describe('a reader of the packet rules', () => {
  const web = jail('web', [70000, 70001], { mode: 'none', refusal: 'reject' });
  const out = jail('out', [70002], { mode: 'host' });
  const [ipv4, ipv6] = fenceOf([web, out]) as [FirewallTable, FirewallTable];

  test('finds no fault in what jailctl makes, whatever the manifest says', () => {
    fc.assert(
      fc.property(networks, networks, (one, other) => {
        const jails = [jail('one', [70000, 70001], one), jail('two', [70003, 71000], other), out];
        const tables = fenceOf(jails);
        for (const each of jails.slice(0, 2)) expect(faults(each, tables)).toEqual([]);
      }),
    );
  });

  test('finds that a jail has less in its manifest than in its rules', () => {
    fc.assert(
      fc.property(targets, (one) => {
        const open = fenceOf([jail('web', [70000], { ...listed, targets: [one] })]);
        expect(
          faults(jail('web', [70000], { mode: 'none', refusal: 'reject' }), open),
        ).toHaveLength(1);
      }),
    );
  });

  const chained = (...rules: readonly Rule[]) => ({ ...ipv4, chain: [...rules, ...ipv4.chain] });
  const inFront = (...rules: readonly Rule[]) => ({ ...ipv4, output: [...rules, ...ipv4.output] });

  test.for([
    ['an empty chain', { ...ipv6, chain: [] }, 'ipv6: no rule refuses the rest'],
    ['no jump', { ...ipv4, output: [] }, 'ipv4: nothing leads what UID 70000'],
    [
      'a jump of others only',
      { ...ipv4, output: ['-A OUTPUT -m owner --uid-owner 70001-80000 -j JAILCTL'] },
      'nothing leads what UID 70000',
    ],
    [
      'a jump of TCP only',
      { ...ipv4, output: ['-A OUTPUT -p tcp -j JAILCTL'] },
      'nothing leads what UID 70000',
    ],
    ['a rule before the jump', inFront('-A OUTPUT -o lo -j ACCEPT'), 'stands before the fence'],
    ['a rule for its UID', inFront('-A OUTPUT -m owner --uid-owner 70000 -j ACCEPT'), 'before'],
    ['a rule for all but one', inFront('-A OUTPUT -m owner ! --uid-owner 5 -j ACCEPT'), 'before'],
    ['a way out', chained('-A JAILCTL -j RETURN'), 'lets more through'],
    ['a way to another chain', chained('-A JAILCTL -g OTHER'), 'lets more through'],
    [
      'a way out for one port',
      chained('-A JAILCTL -p udp -m udp --dport 53 -j ACCEPT'),
      'lets more through',
    ],
  ] as const)('finds %s', ([, table, fault]) => {
    expect(fenceFaults(web, table, 70000).join('\n')).toContain(fault);
  });

  test.for([
    ['a rule before the jump that refuses', inFront('-A OUTPUT -d 10.0.0.1/32 -j DROP')],
    ['one for another user', inFront('-A OUTPUT -m owner --uid-owner 5 -j ACCEPT')],
    ['one more that refuses', chained('-A JAILCTL -o eth0 -j DROP')],
    ['a way out of another user', chained('-A JAILCTL -m owner --uid-owner 70002 -j RETURN')],
  ] as const)('finds no fault in %s', ([, table]) => {
    expect(fenceFaults(web, table, 70000)).toEqual([]);
  });
});

describe('what counts as reached', () => {
  const place = { protocol: 'udp', address: '127.0.0.1' } as const;

  /** @param arrived of `control` and `inside`: what the listener hears */
  async function sought(trial: string, arrived: readonly ('control' | 'inside')[]) {
    const words: Record<string, string> = {};
    const range = scriptedRange({
      outside: ([, word = '']) => {
        words['control'] = word;
        return 'target-0 done recv\noutcome done\n';
      },
      inside: ([, word = '']) => {
        words['inside'] = word;
        return `target-0 ${trial}\noutcome done\n`;
      },
    });
    const server = {
      facts: new Map([['listen-0', 'done 4000']]),
      end: async () => ({
        outcome: 'done',
        facts: new Map(),
        output: arrived.map((who) => `heard ${words[who]} 0\n`).join(''),
      }),
      [Symbol.asyncDispose]: async () => {},
    };
    const host = { ...range.host, startOutside: async () => server };
    const subject = { jail: jail('web', [70000], { mode: 'none', refusal: 'reject' }) };
    return seek({ ...range, host, subject } as unknown as Parameters<typeof seek>[0], [place]);
  }

  test('is what the listener hears, or the client', async () => {
    expect(await sought('EPERM send', ['control'])).toMatchObject({ found: 'held' });
    expect(await sought('sent recv', ['control'])).toMatchObject({ found: 'held' });
    expect(await sought('sent recv', ['control', 'inside'])).toMatchObject({ found: 'broken' });
    expect(await sought('EPERM send', ['control', 'inside'])).toMatchObject({ found: 'broken' });
    expect(await sought('done recv', ['control'])).toMatchObject({ found: 'broken' });
  });

  test('is nothing without a control, and an error when nobody can tell', async () => {
    expect(await sought('EPERM send', [])).toMatchObject({ found: 'no_control' });
    await expect(sought('EMFILE socket', ['control'])).rejects.toThrow('EMFILE');
  });
});

interface Seen {
  readonly id: string;
  readonly verdict: VerdictName;
  readonly evidence: string;
  readonly went_wrong: boolean;
}

const manifest = `jails:
  none: { users: 2 }
  lossy: { users: 1, network: { policy: drop } }
  listed:
    users: 2
    network: { allow: [{ to: 127.0.0.1, port: 7007, protocol: tcp }] }
  open: { users: 1, network: host }
`;

/** Known of every jail that shares the network of the host. */
const shared = [
  ...['network/abstract-host', 'network/abstract-sibling', 'network/socket-list'],
  ...['network/listener-udp', 'network/listener-abstract'],
];
const unfiltered = [
  ...['network/rare-transports', 'network/rare-families', 'network/vsock', 'network/alg'],
  ...['network/netlink', 'network/io-uring'],
];

/** UDP-Lite is going from newer kernels; Multipath TCP and IPv6 may be turned off. */
const protocols = readFileSync('/proc/net/protocols', 'utf8');
const lacking = [
  ...(/^UDP-Lite\s/m.test(protocols) ? [] : ['network/udp-lite']),
  ...(/^MPTCP\s/m.test(protocols) ? [] : ['network/multipath-tcp']),
];

describe.for(['runc', 'crun', 'chroot'])('with the engine %s', (engine) => {
  let host: TestHost;
  let jails: Readonly<Record<string, readonly Seen[]>>;
  beforeAll(async () => {
    host = await engineHost(engine, manifest);
    const { stdout, stderr } = await host.jailctl([
      ...['verify', '--only', 'network', '--json', '--engine', engine],
    ]);
    if (!stdout.startsWith('{')) throw new Error(`no report: ${stderr}`);
    const document: { jails: { jail: string; probes: Seen[] }[] } = JSON.parse(stdout);
    jails = Object.fromEntries(document.jails.map(({ jail, probes }) => [jail, probes]));
  }, 120_000);
  afterAll(() => host?.[Symbol.asyncDispose]());

  const idsOf = (name: string, verdict: VerdictName) =>
    (jails[name] ?? []).filter((one) => one.verdict === verdict).map(({ id }) => id);
  const ofEngine = engine === 'chroot' ? unfiltered : [];

  test('every probe comes to a verdict, and none fails or goes wrong', () => {
    const all = networkProbes.map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
    for (const [name, probes] of Object.entries(jails)) {
      expect(probes.map(({ id }) => id)).toEqual(all);
      expect(probes.filter((one) => one.went_wrong || one.verdict === 'failed')).toEqual([]);
      // The throwaway host has the loopback interface only.
      const unproven = idsOf(name, 'not_proven').filter((id) => !lacking.includes(id));
      expect(unproven).toEqual(name === 'open' ? [] : ['network/ipv6-link-local']);
    }
  });

  test('a jail without a network is reached by nothing that the engine can stop', () => {
    const known = engine === 'chroot' ? shared.filter((id) => id !== 'network/socket-list') : [];
    expect(idsOf('none', 'known_weakness').toSorted()).toEqual([...known, ...ofEngine].toSorted());
    expect(idsOf('none', 'not_applicable')).toEqual(['network/allow-list']);
  });

  test('a jail with an allow-list is told what the network of the host brings with it', () => {
    const known = shared.filter((id) => engine !== 'chroot' || id !== 'network/socket-list');
    expect(idsOf('listed', 'known_weakness').toSorted()).toEqual(
      [...known, ...ofEngine].toSorted(),
    );
    expect(jails['listed']?.find(({ id }) => id === 'network/allow-list')).toMatchObject({
      verdict: 'passed',
      evidence: expect.stringMatching(
        /reached tcp 127.0.0.1:7007, and not .*7008.*7006.*udp 127.0.0.1:7007.*\[::1\]:7007/,
      ),
    });
  });

  test('where packets are lost and not refused, the same is proven', () => {
    expect(idsOf('lossy', 'passed')).toContain('network/ipv6-udp');
    expect(idsOf('lossy', 'passed')).toContain('network/metadata');
  });

  test('what the manifest opens is no breach, and its sockets are still filtered', () => {
    expect(idsOf('open', 'not_applicable')).toContain('network/ipv4-tcp');
    expect(idsOf('open', 'passed')).toContain('network/raw-sockets');
    expect(idsOf('open', 'known_weakness').toSorted()).toEqual(ofEngine.toSorted());
  });
});
