import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { firewallKind } from '../../src/kinds/firewall/kind.ts';
import { exitCode } from '../../src/model/exit-code.ts';
import type { QueryResult, Reader } from '../../src/model/reader.ts';

const golden = (name: string) =>
  readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');

interface Host {
  /** What each tool prints; a tool that is not here is not on the host. */
  readonly tools: Readonly<Record<string, Partial<QueryResult>>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A host that has only these answers; what else is asked of it is a fault of the test. */
function readerOf({ tools, files = {} }: Host): Reader {
  const refuse = (): never => {
    throw new Error('nobody should ask this');
  };
  return {
    readText: (path) => files[path],
    which: (command) => (command in tools ? `/usr/sbin/${command}` : undefined),
    query: ([tool]) => {
      const result = tools[tool];
      if (result === undefined) throw new Error(`the host has no ${tool}`);
      return { status: 0, stdout: '', stderr: '', ...result };
    },
    lstat: refuse,
    list: refuse,
    readLink: refuse,
    readBytes: refuse,
    digest: refuse,
    isSame: refuse,
  };
}

const observe = (host: Host) => firewallKind.observe(readerOf(host), new Map());

const nft: Host['tools'] = {
  'iptables-save': { stdout: golden('nft-ipv4') },
  'ip6tables-save': { stdout: golden('nft-ipv6') },
};
const legacyNames = {
  '/proc/net/ip_tables_names': 'filter\n',
  '/proc/net/ip6_tables_names': 'filter\n',
};

describe('the packet filter of a host', () => {
  test('has a fence in both families, and nothing to warn of', () => {
    const { resources, conflicts, warnings } = observe({ tools: nft });
    expect([...resources.keys()]).toEqual(['firewall/ipv4', 'firewall/ipv6']);
    expect([conflicts, warnings]).toEqual([[], []]);
  });

  test('is empty where the tools print nothing', () => {
    const tools = { 'iptables-save': {}, 'ip6tables-save': {} };
    expect(observe({ tools })).toEqual({ resources: new Map(), conflicts: [], warnings: [] });
  });

  const chain = (...rules: readonly string[]) =>
    ['*filter', ':OUTPUT ACCEPT [0:0]', ':JAILCTL - [0:0]', ...rules, 'COMMIT', ''].join('\n');

  test.for([
    ['that was emptied', chain(), true],
    ['with one rule of jailctl', chain('-A JAILCTL -m comment --comment jailctl -j DROP'), true],
    ['with the jump alone', chain('-A OUTPUT -m comment --comment "jailctl: a" -j JAILCTL'), true],
    ['with rules of others', chain('-A JAILCTL -j RETURN'), false],
    ['with a jump of others', chain('-A OUTPUT -j JAILCTL'), false],
    ['whose comment is another', chain('-A JAILCTL -m comment --comment jailctl2 -j DROP'), false],
  ] as const)('has a chain of the name %s: is it ours?', ([, stdout, ours]) => {
    const tools = { 'iptables-save': { stdout }, 'ip6tables-save': {} };
    const reader = readerOf({ tools: { ...tools, 'iptables-nft-save': {} } });
    const wanted = { family: 'ipv4', output: [], chain: [], strays: [] } as const;
    const { resources, conflicts } = firewallKind.observe(
      reader,
      new Map([['firewall/ipv4', wanted]]),
    );
    expect([...resources.keys()]).toEqual(ours ? ['firewall/ipv4'] : []);
    expect(conflicts.map(({ address }) => address)).toEqual(ours ? [] : ['firewall/ipv4']);
    // Where nobody wants a fence, the chain of somebody else is in nobody's way, and is not removed.
    const unwanted = firewallKind.observe(reader, new Map());
    expect([unwanted.resources.size, unwanted.conflicts]).toEqual([ours ? 1 : 0, []]);
  });

  test('gets a warning when legacy tables are live beside nft ones', () => {
    const text = '*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -j DROP\nCOMMIT\n';
    const tools = { ...nft, 'iptables-legacy-save': { stdout: text }, 'ip6tables-legacy-save': {} };
    expect(observe({ tools, files: legacyNames }).warnings).toEqual([
      'legacy and nft tables are both live: iptables-legacy-save shows rules that apply too',
    ]);
  });

  test('gets a warning when the other variant has a chain of jailctl’s', () => {
    const tools = {
      'iptables-save': { stdout: golden('legacy-ipv4') },
      'ip6tables-save': { stdout: golden('legacy-ipv6') },
      'iptables-nft-save': { stdout: golden('nft-ipv4') },
      'ip6tables-nft-save': {},
    };
    const { warnings } = observe({ tools });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^iptables-nft-save shows a chain JAILCTL too/);
  });

  test('is not read with legacy tools where no legacy table is live', () => {
    const tools = { ...nft, 'iptables-legacy-save': { stdout: golden('legacy-ipv4') } };
    expect(observe({ tools }).warnings).toEqual([]);
  });

  test('that can’t be read for IPv6 stops everything: IPv6 is never left open', () => {
    const stderr = "can't initialize ip6tables table `filter': Address family not supported";
    const tools = { ...nft, 'ip6tables-save': { status: 3, stderr } };
    expect(() => observe({ tools })).toThrow(
      expect.objectContaining({
        exitCode: exitCode.missing,
        message: `ip6tables-save can't read the packet filter: ${stderr}`,
      }),
    );
  });

  test('that holds what only nft can write is not guessed at', () => {
    const stdout = "# Table `filter' is incompatible, use 'nft' tool.\n";
    const tools = { ...nft, 'iptables-save': { stdout } };
    expect(() => observe({ tools })).toThrow(/holds rules made by nft itself/);
    const other = { ...nft, 'iptables-save': { stdout: stdout.replace('filter', 'firewalld') } };
    expect(observe({ tools: other }).resources.has('firewall/ipv4')).toBe(false);
  });
});
