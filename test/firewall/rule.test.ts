import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { desiredFirewall } from '../../src/desired/firewall.ts';
import { leadsIntoChain, ruleKey, wordsOf } from '../../src/kinds/firewall/rule.ts';
import { parseSave, tableOf } from '../../src/kinds/firewall/save-text.ts';
import { families } from '../../src/kinds/firewall/table.ts';
import { jail, plan, pool } from './model-host.ts';

/** Printed by iptables 1.8.9 on Debian 12, with a nat table that has a chain of the same name. */
function golden(variant: string, family: string): string {
  return readFileSync(new URL(`golden/${variant}-${family}.txt`, import.meta.url), 'utf8');
}

const settings = [
  jail('db', [70003, 70004], {
    mode: 'allow',
    refusal: 'drop',
    targets: [
      { family: 'ipv4', to: '10.0.0.5/32', protocol: 'tcp', ports: { first: 5432, last: 5432 } },
      { family: 'ipv6', to: 'fd00::5/128', protocol: 'tcp', ports: { first: 5432, last: 5432 } },
    ],
  }),
  jail('out', [65000], { mode: 'host' }),
  jail('web', [70000, 70001, 70002], { mode: 'none', refusal: 'reject' }),
];

describe.each(['nft', 'legacy'])('what the %s variant printed', (variant) => {
  test('is what the manifest asked for: nothing to do', () => {
    const saved = { ipv4: golden(variant, 'ipv4'), ipv6: golden(variant, 'ipv6') };
    expect(plan(saved, settings).changes).toEqual([]);
  });

  test.each(families)('has the desired rules of %s, character for character', (family) => {
    const observed = tableOf(family, parseSave(golden(variant, family)));
    expect(observed).toEqual(desiredFirewall(settings, pool).get(`firewall/${family}`));
  });

  test('is read the same with counters', () => {
    const text = golden(variant, 'ipv4');
    expect(parseSave(text.replace(/^-A/gm, '[12:3456] -A'))).toEqual(parseSave(text));
  });
});

test('a chain of the same name in another table is not ours', () => {
  const text = '*nat\n:JAILCTL - [0:0]\n-A OUTPUT -j JAILCTL\nCOMMIT\n';
  expect(tableOf('ipv4', parseSave(text))).toBeUndefined();
});

describe('words of a rule', () => {
  test('quotes and backslashes are read as iptables-restore reads them', () => {
    const words = wordsOf(String.raw`-A X -m comment --comment "it\'s \"q\" \\ x" -j DROP`);
    expect(words).toEqual(['-A', 'X', '-m', 'comment', '--comment', `it's "q" \\ x`, '-j', 'DROP']);
  });

  test('a comment that talks of a jump is no jump', () => {
    expect(leadsIntoChain('-A OUTPUT -m comment --comment "-j JAILCTL" -j DROP')).toBe(false);
    expect(leadsIntoChain('-A OUTPUT -m comment --comment x -j JAILCTL')).toBe(true);
    expect(leadsIntoChain('-A OUTPUT -g JAILCTL')).toBe(true);
    expect(leadsIntoChain('-A OUTPUT -j JAILCTL2')).toBe(false);
  });
});

describe('the meaning of a rule', () => {
  const same: readonly [string, string, string][] = [
    [
      'the order of matches',
      '-A J -m owner --uid-owner 5 -p tcp -m tcp --dport 1 -j RETURN',
      '-A J -p tcp -m tcp --dport 1 -m owner --uid-owner 5 -j RETURN',
    ],
    [
      'quotes that are not needed',
      '-A J -m comment --comment "x" -j DROP',
      '-A J -m comment --comment x -j DROP',
    ],
    [
      'a range of one UID',
      '-A J -m owner --uid-owner 5-5 -j DROP',
      '-A J -m owner --uid-owner 5 -j DROP',
    ],
  ];
  test.each(same)('does not depend on %s', (_what, one, other) => {
    expect(ruleKey(one)).toBe(ruleKey(other));
  });

  const different: readonly [string, string, string][] = [
    ['the target', '-A J -p tcp -j DROP', '-A J -p tcp -j RETURN'],
    [
      'how it refuses',
      '-A J -j REJECT --reject-with tcp-reset',
      '-A J -j REJECT --reject-with icmp-port-unreachable',
    ],
    ['a negation', '-A J ! -p tcp -j DROP', '-A J -p tcp -j DROP'],
    [
      'a negation inside a match',
      '-A J -m owner ! --uid-owner 5 -j DROP',
      '-A J -m owner --uid-owner 5 -j DROP',
    ],
    ['the UIDs', '-A J -m owner --uid-owner 5-6 -j DROP', '-A J -m owner --uid-owner 5-7 -j DROP'],
    ['the chain', '-A J -j DROP', '-A K -j DROP'],
    ['jump or goto', '-A J -j K', '-A J -g K'],
    ['an address', '-A J -d 10.0.0.5/32 -j DROP', '-A J -s 10.0.0.5/32 -j DROP'],
  ];
  test.each(different)('depends on %s', (_what, one, other) => {
    expect(ruleKey(one)).not.toBe(ruleKey(other));
  });
});
