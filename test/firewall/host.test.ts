import { describe, expect, test } from 'vitest';
import type { JailSettings, Network } from '../../src/model/settings.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jail, plan } from './model-host.ts';

const reject: Network = { mode: 'none', refusal: 'reject' };
const web = jail('web', [70000], reject);
const lossy = jail('lossy', [70001], { mode: 'none', refusal: 'drop' });
const out = jail('out', [70002], { mode: 'host' });
const db = jail('db', [70003], {
  mode: 'allow',
  refusal: 'reject',
  targets: [
    { family: 'ipv4', to: '127.0.0.1/32', protocol: 'tcp', ports: { first: 7777, last: 7777 } },
    { family: 'ipv6', to: '::1/128', protocol: 'udp', ports: { first: 7000, last: 7999 } },
  ],
});

async function hostWith(variant: string): Promise<TestHost> {
  const host = await testHost();
  for (const tool of ['iptables', 'ip6tables']) {
    await host.ok(['update-alternatives', '--set', tool, `/usr/sbin/${tool}-${variant}`]);
  }
  return host;
}

async function saved(host: TestHost) {
  return { ipv4: await host.ok(['iptables-save']), ipv6: await host.ok(['ip6tables-save']) };
}

async function apply(
  host: TestHost,
  settings: readonly JailSettings[],
): Promise<readonly string[]> {
  const { changes, steps } = plan(await saved(host), settings);
  for (const step of steps) {
    if (step.op !== 'run' || step.stdin === undefined) throw new Error('no step of the firewall');
    await host.ok(step.argv, { input: step.stdin });
  }
  expect(plan(await saved(host), settings).changes).toEqual([]);
  return changes.flatMap(({ reasons }) => reasons);
}

/** What an administrator may do to the rules. */
const drifts: readonly string[] = [
  'iptables -I OUTPUT -o lo -j ACCEPT',
  String.raw`ip6tables -I OUTPUT -o lo -m comment --comment "it's \"mine\" \\ x" -j ACCEPT`,
  'iptables -A JAILCTL -j ACCEPT',
  'ip6tables -F JAILCTL',
  'iptables -D OUTPUT 1',
  'iptables -F OUTPUT',
  'iptables -A OUTPUT -j JAILCTL',
  'iptables -A OUTPUT -m owner --uid-owner 70000-89999 -m comment --comment jailctl -j JAILCTL',
  `iptables -N mine; iptables -A mine -m comment --comment "it's" -j JAILCTL`,
  'iptables -F; iptables -X; ip6tables -F; ip6tables -X',
];

const attempts = `
import os, socket, time
end = time.monotonic() + 50
connected = 0
tries = 0
while not os.path.exists('/run/enough') and time.monotonic() < end:
    for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
        client = socket.socket(family)
        try:
            client.connect((address, 7777))
            connected += 1
        except OSError:
            pass
        client.close()
        tries += 1
print(connected, 'of', tries)
`;

describe.each(['nft', 'legacy'])('on a real host with the %s variant', (variant) => {
  test('jail users are refused at once and others are not', async () => {
    await using host = await hostWith(variant);
    await apply(host, [web, lossy, out, db]);
    const places = [
      ['tcp', '127.0.0.1'],
      ['tcp', '::1'],
      ['udp', '127.0.0.1'],
      ['udp', '::1'],
    ] as const;
    for (const [protocol, address] of places) await host.listen(protocol, address, 7777);
    const all = async (user?: number) => {
      const answers: string[] = [];
      for (const [protocol, address] of places) {
        const start = Date.now();
        const answer = await host.ask(protocol, address, 7777, user === undefined ? {} : { user });
        if (answer !== 'silence') expect(Date.now() - start).toBeLessThan(900);
        answers.push(answer);
      }
      return answers;
    };
    const refused = ['ECONNREFUSED', 'ECONNREFUSED', 'EPERM', 'EPERM'];
    const answered = ['answered', 'answered', 'answered', 'answered'];
    expect(await all(70000)).toEqual(refused);
    // A UID of the pool that nobody has.
    expect(await all(89999)).toEqual(refused);
    expect(await all(70002)).toEqual(answered);
    expect(await all(70003)).toEqual(['answered', 'ECONNREFUSED', 'EPERM', 'answered']);
    expect(await all(90000)).toEqual(answered);
    expect(await all()).toEqual(answered);
    expect(await host.ask('tcp', '127.0.0.1', 7777, { user: 70001 })).toBe('silence');
    expect(await host.ask('tcp', '::1', 7777, { user: 70001 })).toBe('silence');
  });

  test('whatever is done to the rules is seen and mended, and destroy restores them', async () => {
    await using host = await hostWith(variant);
    const filter = '-A OUTPUT -p tcp -m tcp --dport 25 -j DROP';
    for (const tool of ['iptables', 'ip6tables']) {
      await host.ok(['sh', '-c', `${tool} ${filter}; ${tool} -t mangle ${filter}`]);
    }
    const before = (await host.snapshot()).rules;
    const settings = [web, lossy, out, db];
    await apply(host, settings);
    for (const drift of drifts) {
      await host.ok(['sh', '-c', drift]);
      expect((await apply(host, settings)).length, drift).toBeGreaterThan(0);
    }
    const clean =
      'for t in iptables ip6tables; do $t -A OUTPUT -p tcp -m tcp --dport 25 -j DROP; done';
    await host.ok(['sh', '-c', clean]);
    await apply(host, []);
    expect((await host.snapshot()).rules).toEqual(before);
  });

  test('there is no instant without the fence while it is rewritten', async () => {
    await using host = await hostWith(variant);
    await apply(host, [web]);
    await host.listen('tcp', '127.0.0.1', 7777);
    await host.listen('tcp', '::1', 7777);
    const tries = host.run(['/usr/bin/python3', '-c', attempts], { user: 70000 });
    const endMs = performance.now() + 3000;
    let rewrites = 0;
    // A busy machine takes longer, and has to rewrite them as often.
    while (rewrites <= 5 || performance.now() < endMs) {
      await apply(host, rewrites % 2 === 0 ? [web, out] : [web]);
      rewrites += 1;
    }
    await host.write('/run/enough', '');
    expect(rewrites).toBeGreaterThan(5);
    expect((await tries).stdout).toMatch(/^0 of \d{3,}\n$/);
  });
});
