import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, jailUsers, manifestPath, plan, shell, writeManifest } from './jails.ts';

/** Five jails: cut off, free, lossy, and two that may reach something. */
const jails = (networkOfCut: string) => `jails:
  cut: { users: 2, tools: [ls]${networkOfCut} }
  free: { users: 1, tools: [ls], network: host }
  lossy: { users: 1, tools: [ls], network: { policy: drop } }
  four: { users: 1, tools: [ls], network: { allow: [ { to: 10.9.9.1, port: 7001, protocol: tcp } ] } }
  six:
    users: 1
    tools: [ls]
    network: { policy: drop, allow: [ { to: "fd09::1", port: 7001, protocol: udp } ] }
`;

const addresses = ['127.0.0.1', '::1', '10.9.9.1', 'fd09::1', '10.9.9.2'] as const;
const ports = [7000, 7001, 7002] as const;
const protocols = ['tcp', 'udp'] as const;

/** Where nothing answers: the errno of a refusal. */
const refusedBy = { tcp: 'ECONNREFUSED', udp: 'EPERM' } as const;

type Answers = Readonly<Record<string, string>>;

let host: TestHost;
let uids: Readonly<Record<string, number>>;

/** Asks everything at once: each address, port and protocol. */
async function askAll(user?: number): Promise<Answers> {
  const answers = await Promise.all(
    addresses.flatMap((address) =>
      ports.flatMap((port) =>
        protocols.map(async (protocol) => {
          const answer = await host.ask(
            protocol,
            address,
            port,
            user === undefined ? {} : { user },
          );
          return [`${protocol} ${address} ${port}`, answer] as const;
        }),
      ),
    ),
  );
  return Object.fromEntries(answers);
}

/** The same answer from everywhere but `others`. */
function all(answer: (protocol: 'tcp' | 'udp') => string, others: Answers = {}): Answers {
  const entries = addresses.flatMap((address) =>
    ports.flatMap((port) =>
      protocols.map((protocol) => [`${protocol} ${address} ${port}`, answer(protocol)] as const),
    ),
  );
  return { ...Object.fromEntries(entries), ...others };
}

beforeAll(async () => {
  host = await testHost();
  await shell(
    host,
    `for address in 10.9.9.1/32 10.9.9.2/32 fd09::1/128; do ip address add $address dev lo nodad; done
    iptables -P OUTPUT ACCEPT`,
  );
  for (const address of addresses) {
    for (const port of ports) {
      for (const protocol of protocols) await host.listen(protocol, address, port);
    }
  }
  await writeManifest(host, jails(''));
  await apply(host);
  uids = await jailUsers(host);
});
afterAll(() => host[Symbol.asyncDispose]());

describe('what users of a jail reach', () => {
  test('root reaches everything, so what others miss is the fence', async () => {
    expect(await askAll()).toEqual(all(() => 'answered'));
  });

  test('with no network: nothing, not even loopback, in either family', async () => {
    expect(await askAll(uids['cut1'])).toEqual(all((protocol) => refusedBy[protocol]));
    expect(await askAll(uids['cut2'])).toEqual(all((protocol) => refusedBy[protocol]));
  });

  test('with network host: everything', async () => {
    expect(await askAll(uids['free1'])).toEqual(all(() => 'answered'));
  });

  test('with policy drop: silence', async () => {
    // UDP's send(2) tells what became of its packet, so a loss shows there.
    const answers = await askAll(uids['lossy1']);
    for (const [target, answer] of Object.entries(answers)) {
      expect(answer, target).toBe(target.startsWith('tcp') ? 'silence' : 'EPERM');
    }
  });

  test('with an IPv4 target: it, and no neighbour of it', async () => {
    const others = { 'tcp 10.9.9.1 7001': 'answered' };
    expect(await askAll(uids['four1'])).toEqual(all((protocol) => refusedBy[protocol], others));
  });

  test('with an IPv6 target: it, and no neighbour of it', async () => {
    const others = { 'udp fd09::1 7001': 'answered' };
    const lost = (protocol: 'tcp' | 'udp') => (protocol === 'tcp' ? 'silence' : 'EPERM');
    expect(await askAll(uids['six1'])).toEqual(all(lost, others));
  });

  test('an IPv4 address in IPv6 notation is no way around', async () => {
    for (const port of ports) {
      expect(await host.ask('tcp', '::ffff:127.0.0.1', port)).toBe('answered');
      const user = uids['cut1'] ?? 0;
      expect(await host.ask('tcp', '::ffff:127.0.0.1', port, { user })).toBe('ECONNREFUSED');
      expect(await host.ask('udp', '::ffff:127.0.0.1', port, { user })).toBe('EPERM');
    }
  });

  test('a UID of the pool that has no account reaches nothing', async () => {
    expect(await askAll(89999)).toEqual(all((protocol) => refusedBy[protocol]));
  });

  test('a refusal comes at once, in less than a second', async () => {
    const timed = `
import socket, time
slowest = 0
for family, address in ((socket.AF_INET, '10.9.9.1'), (socket.AF_INET6, 'fd09::1'), (socket.AF_INET6, '::1')):
    start = time.monotonic()
    try:
        socket.socket(family).connect((address, 7001))
        raise SystemExit('connected to ' + address)
    except ConnectionRefusedError:
        slowest = max(slowest, time.monotonic() - start)
print(slowest)`;
    const user = uids['cut1'] ?? 0;
    const seconds = Number(await host.ok(['/usr/bin/python3', '-c', timed], { user }));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(1);
  });
});

describe('a change of the network', () => {
  test('changes rules and the jail’s settings, and nothing else', async () => {
    const user = uids['cut2'] ?? 0;
    const allow = (port: number) =>
      `, network: { allow: [ { to: 10.9.9.2, port: ${port}, protocol: tcp } ] }`;
    for (const port of [7000, 7002]) {
      await writeManifest(host, jails(allow(port)));
      const stages = (await plan(host)).text.match(/^[a-z].*: \d.*$/gm);
      // The files of the resolver come with the first network of a jail.
      const kinds = stages?.map((stage) => stage.replace(/:.*/, ''));
      const wanted = ['packet rules', 'boot', 'jails', ...(port === 7000 ? ['tree of cut'] : [])];
      expect(kinds).toEqual(wanted);
      await apply(host);
      expect(await host.ask('tcp', '10.9.9.2', port, { user })).toBe('answered');
      expect(await host.ask('tcp', '10.9.9.2', 7001, { user })).toBe('ECONNREFUSED');
    }
    expect(await host.ask('tcp', '10.9.9.2', 7000, { user })).toBe('ECONNREFUSED');
    await writeManifest(host, jails(''));
    await apply(host);
    expect(await host.ask('tcp', '10.9.9.2', 7002, { user })).toBe('ECONNREFUSED');
    expect(await jailUsers(host)).toEqual(uids);
  });

  test('is taken back where somebody let a jail out by hand', async () => {
    const user = uids['cut1'] ?? 0;
    await shell(host, 'iptables -I OUTPUT -j ACCEPT; ip6tables -I OUTPUT -j ACCEPT');
    expect(await host.ask('tcp', '127.0.0.1', 7001, { user })).toBe('answered');
    expect(await host.ask('tcp', '::1', 7001, { user })).toBe('answered');
    const { text } = await plan(host);
    expect(text).toMatch(/^packet rules: 2 to update$/m);
    await apply(host);
    expect(await askAll(user)).toEqual(all((protocol) => refusedBy[protocol]));
    // The rule itself is not ours: it stays, behind the fence.
    expect(await host.ok(['iptables', '-S', 'OUTPUT'])).toMatch(/JAILCTL\n-A OUTPUT -j ACCEPT\n/);
  });
});

test('rules of the other variant of iptables are a warning, and the fence works with them', async () => {
  await using both = await testHost();
  await writeManifest(both, 'jails:\n  web: { users: 1, tools: [ls] }\n');
  await shell(
    both,
    'iptables-nft -P OUTPUT ACCEPT; iptables-legacy -A OUTPUT -p tcp --dport 25 -j DROP',
  );
  const result = await both.jailctl(['plan', '--file', manifestPath]);
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stdout).toMatch(/^warning: .*legacy/m);
  const json = await both.jailctl(['plan', '--json', '--file', manifestPath]);
  expect(JSON.parse(json.stdout).warnings).toHaveLength(1);
  await apply(both);
  await both.listen('tcp', '127.0.0.1', 7001);
  expect(await both.ask('tcp', '127.0.0.1', 7001, { user: 70000 })).toBe('ECONNREFUSED');
  expect(await both.ok(['iptables-legacy', '-S', 'OUTPUT'])).toContain('--dport 25 -j DROP');
});
