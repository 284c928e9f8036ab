import { describe, expect, test } from 'vitest';
import type { FoundUser } from '../../src/import/found.ts';
import { networkOf, oldRules } from '../../src/import/old-rules.ts';

const user = (number: number): FoundUser => ({
  name: `jail${number}`,
  number,
  uid: 1000 + number,
  gid: 1000 + number,
  home: `/jail/./home/jail${number}`,
  shell: '/bin/bash',
});
const users = [user(1), user(2)];
const uids = new Set([1001, 1002]);
const drop = (owner: string | number) => `-A OUTPUT -m owner --uid-owner ${owner} -j DROP`;
const both = users.map(({ uid }) => drop(uid));

describe('rules of the old scripts', () => {
  test('are those of these users, as often as they are there', () => {
    const reject =
      '-A OUTPUT -m owner --uid-owner 1002 -j REJECT --reject-with icmp-port-unreachable';
    const ipv4 = [drop(1001), drop(1001), drop(1003), drop(10011), reject];
    expect(oldRules({ ipv4, ipv6: [drop(1002)] }, uids)).toEqual([
      { family: 'ipv4', rule: drop(1001), uid: 1001 },
      { family: 'ipv4', rule: drop(1001), uid: 1001 },
      { family: 'ipv4', rule: reject, uid: 1002 },
      { family: 'ipv6', rule: drop(1002), uid: 1002 },
    ]);
  });

  test.for([
    ['a range', drop('1001-1002')],
    ['a negation', '-A OUTPUT -m owner ! --uid-owner 1001 -j DROP'],
    ['a port', '-A OUTPUT -p tcp -m owner --uid-owner 1001 -m tcp --dport 80 -j DROP'],
    ['an address', '-A OUTPUT -d 10.0.0.5/32 -m owner --uid-owner 1001 -j DROP'],
    ['an interface', '-A OUTPUT -o eth0 -m owner --uid-owner 1001 -j DROP'],
    ['a comment', '-A OUTPUT -m owner --uid-owner 1001 -m comment --comment x -j DROP'],
    ['another chain', '-A FORWARD -m owner --uid-owner 1001 -j DROP'],
    ['another target', '-A OUTPUT -m owner --uid-owner 1001 -j LOG'],
    ['a group', '-A OUTPUT -m owner --gid-owner 1001 -j DROP'],
  ] as const)('are none with %s', ([, rule]) => {
    expect(oldRules({ ipv4: [rule], ipv6: [rule] }, uids)).toEqual([]);
  });
});

describe('the network of a jail that was made without jailctl', () => {
  const told = (ipv4: readonly string[], ipv6: readonly string[], of = users) => {
    const { mode, notes } = networkOf({ ipv4, ipv6 }, of);
    return { mode, notes: notes.join('\n') };
  };

  test('is none where every user is cut off, without a word where IPv6 is, too', () => {
    expect(told(both, both)).toEqual({ mode: 'none', notes: '' });
    expect(told(both, [])).toEqual({
      mode: 'none',
      notes: 'until now jail1, jail2 could send over IPv6',
    });
  });

  test('is none where only some are cut off, and tells of the others', () => {
    const { mode, notes } = told([drop(1001)], both);
    expect({ mode, notes }).toEqual({
      mode: 'none',
      notes: 'until now jail2 could send over IPv4',
    });
  });

  test("is the host's where no rule cuts anybody off, and says so loudly", () => {
    const { mode, notes } = told([drop(10011)], []);
    expect(mode).toBe('host');
    expect(notes).toContain('NO RULE CUTS THESE USERS OFF');
  });

  test('tells of rules that it does not carry over', () => {
    const allow = '-A OUTPUT -d 10.0.0.5/32 -m owner --uid-owner 1001 -j ACCEPT';
    const range = '-A OUTPUT -m owner --uid-owner 900-1001 -j LOG';
    const { mode, notes } = told([allow, range, ...both, drop('2000-3000')], both);
    expect(mode).toBe('none');
    expect(notes.split('\n')).toEqual([
      expect.stringContaining(allow),
      expect.stringContaining(range),
    ]);
  });

  test('is none where nobody lives in it', () => {
    expect(told([], [], [])).toEqual({ mode: 'none', notes: '' });
  });
});
