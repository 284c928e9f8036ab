import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { desiredFirewall } from '../../src/desired/firewall.ts';
import { parseSave } from '../../src/kinds/firewall/save-text.ts';
import type { AllowedTarget, JailSettings, Network } from '../../src/model/settings.ts';
import cases from './cases.json' with { type: 'json' };
import { applySteps, jail, plan, pool, type Saved } from './model-host.ts';

interface Case {
  readonly title: string;
  /** What somebody did to the IPv4 table, in the language of iptables-restore. */
  readonly edit?: readonly string[];
  /** Of the one update that is expected; empty: no change. */
  readonly reasons: readonly string[];
  /** Rules that must be left afterwards, in this order. */
  readonly foreign?: readonly string[];
}

const empty: Saved = { ipv4: '', ipv6: '' };
const reject: Network = { mode: 'none', refusal: 'reject' };
const settings = [jail('web', [70000, 70001], reject), jail('out', [70002], { mode: 'host' })];

function foreignRules(saved: string): readonly string[] {
  return parseSave(saved).rules.filter((rule) => !rule.includes('JAILCTL'));
}

describe('states in, changes and steps out', () => {
  test.each(cases as readonly Case[])('$title', ({ edit = [], reasons, foreign = [] }) => {
    const fenced = applySteps(empty, plan(empty, settings).steps);
    const stdin = ['*filter', ...edit, 'COMMIT'].join('\n');
    const drifted = applySteps(fenced, [{ op: 'run', argv: ['iptables-restore'], stdin }]);
    const planned = plan(drifted, settings);
    const found = planned.changes.map(({ action, address, reasons: why }) => [
      action,
      address,
      why,
    ]);
    expect(found).toEqual(reasons.length === 0 ? [] : [['update', 'firewall/ipv4', reasons]]);

    const healed = applySteps(drifted, planned.steps);
    expect(plan(healed, settings).changes).toEqual([]);
    expect(foreignRules(healed.ipv4)).toEqual(foreign);

    const gone = applySteps(drifted, plan(drifted, []).steps);
    expect(parseSave(gone.ipv4).rules).toEqual(foreign);
    expect(parseSave(gone.ipv4).chains).not.toContain('JAILCTL');
    expect(plan(gone, []).changes).toEqual([]);
  });

  test('a family without its chain is made, the other is left alone', () => {
    const fenced = applySteps(empty, plan(empty, settings).steps);
    const planned = plan({ ...fenced, ipv6: '' }, settings);
    expect(planned.changes).toMatchObject([{ action: 'create', address: 'firewall/ipv6' }]);
    expect(planned.steps).toMatchObject([
      { op: 'run', argv: ['ip6tables-restore', '--noflush', '--wait=60'] },
    ]);
  });

  test('what iptables-restore reads is one table, in one commit', () => {
    const [step] = plan(empty, [jail('web', [70000], reject)]).steps;
    expect(step).toEqual({
      op: 'run',
      argv: ['iptables-restore', '--noflush', '--wait=60'],
      stdin: [
        '*filter',
        ':JAILCTL - [0:0]',
        '-I OUTPUT 1 -m owner --uid-owner 70000-89999 -m comment --comment jailctl -j JAILCTL',
        '-A JAILCTL -p tcp -m comment --comment jailctl -j REJECT --reject-with tcp-reset',
        '-A JAILCTL -m comment --comment jailctl -j REJECT --reject-with icmp-port-unreachable',
        'COMMIT',
        '',
      ].join('\n'),
      hint: expect.stringContaining('have the packet rules changed since the plan?'),
    });
  });
});

describe('the desired fence', () => {
  const rules = (list: readonly JailSettings[], family: 'ipv4' | 'ipv6' = 'ipv4') =>
    desiredFirewall(list, pool).get(`firewall/${family}`);

  test('is none without jails, and stands for a jail without users', () => {
    expect(desiredFirewall([], pool).size).toBe(0);
    expect(rules([jail('web', [], reject)])?.chain).toHaveLength(2);
  });

  test('needs one rule for each range of UIDs', () => {
    const chain = rules([jail('out', [70005, 70000, 70001, 70002], { mode: 'host' })])?.chain;
    expect(chain?.slice(0, -2)).toEqual([
      '-A JAILCTL -m owner --uid-owner 70000-70002 -m comment --comment "jailctl: out" -j RETURN',
      '-A JAILCTL -m owner --uid-owner 70005 -m comment --comment "jailctl: out" -j RETURN',
    ]);
  });

  test('covers users from a former pool with jumps of their own', () => {
    expect(rules([jail('web', [65000, 65001, 70000], reject)])?.output).toEqual([
      '-A OUTPUT -m owner --uid-owner 70000-89999 -m comment --comment jailctl -j JAILCTL',
      '-A OUTPUT -m owner --uid-owner 65000-65001 -m comment --comment jailctl -j JAILCTL',
    ]);
  });

  test('lets a family reach only its own targets, and refuses as the jail says', () => {
    const targets: readonly AllowedTarget[] = [
      { family: 'ipv4', to: '10.0.0.0/8', protocol: 'udp', ports: { first: 53, last: 60 } },
      { family: 'ipv6', to: 'fd00::/8', protocol: 'any' },
      { family: 'ipv4', to: '0.0.0.0/0', protocol: 'tcp', ports: { first: 443, last: 443 } },
    ];
    const list = [jail('db', [70000], { mode: 'allow', refusal: 'drop', targets })];
    const comment = '-m comment --comment "jailctl: db"';
    expect(rules(list, 'ipv4')?.chain.slice(0, -2)).toEqual([
      `-A JAILCTL -d 10.0.0.0/8 -p udp -m owner --uid-owner 70000 -m udp --dport 53:60 ${comment} -j RETURN`,
      `-A JAILCTL -p tcp -m owner --uid-owner 70000 -m tcp --dport 443 ${comment} -j RETURN`,
      `-A JAILCTL -m owner --uid-owner 70000 ${comment} -j DROP`,
    ]);
    expect(rules(list, 'ipv6')?.chain.slice(0, -2)).toEqual([
      `-A JAILCTL -d fd00::/8 -m owner --uid-owner 70000 ${comment} -j RETURN`,
      `-A JAILCTL -m owner --uid-owner 70000 ${comment} -j DROP`,
    ]);
  });
});

describe('properties', () => {
  const network = fc.constantFrom<Network>(
    reject,
    { mode: 'none', refusal: 'drop' },
    { mode: 'host' },
    {
      mode: 'allow',
      refusal: 'reject',
      targets: [{ family: 'ipv6', to: 'fd00::/8', protocol: 'any' }],
    },
  );
  const uids = fc.uniqueArray(fc.integer({ min: 69990, max: 70010 }), { maxLength: 4 });
  const settingsList = fc.uniqueArray(
    fc.tuple(fc.constantFrom('a', 'b', 'web'), uids, network).map((args) => jail(...args)),
    { selector: ({ name }) => name },
  );
  const foreignTable = fc
    .subarray([
      '-A INPUT -i lo -j ACCEPT',
      '-A OUTPUT -o lo -j ACCEPT',
      '-A OUTPUT -p tcp -m tcp --dport 25 -j DROP',
      '-A OUTPUT -m comment --comment "a -j JAILCTL of \\"mine\\"" -j mine',
      '-A mine -j RETURN',
    ])
    .map(
      (rules) =>
        `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n${rules.join('\n')}\nCOMMIT\n`,
    );

  test('from any jails to any others one apply is enough, and destroy restores the table', () => {
    fc.assert(
      fc.property(settingsList, settingsList, foreignTable, (before, wanted, table) => {
        const saved = { ipv4: table, ipv6: table };
        const first = applySteps(saved, plan(saved, before).steps);
        const after = applySteps(first, plan(first, wanted).steps);
        expect(plan(after, wanted).changes).toEqual([]);
        expect(plan(after, wanted.toReversed()).changes).toEqual([]);
        const gone = applySteps(after, plan(after, []).steps);
        const now = parseSave(gone.ipv4);
        const start = parseSave(table);
        expect(now.chains).toEqual(start.chains);
        expect(now.rules.toSorted()).toEqual(start.rules.toSorted());
      }),
    );
  });

  test('the last rules of the chain refuse everything, whatever the jails', () => {
    fc.assert(
      fc.property(settingsList, (list) => {
        for (const table of desiredFirewall(list, pool).values()) {
          const [reset, all] = table.chain.slice(-2);
          expect(reset).toContain('-p tcp');
          expect(reset).toMatch(/-j REJECT --reject-with tcp-reset$/);
          expect(all).toMatch(/^-A JAILCTL -m comment --comment jailctl -j REJECT /);
        }
      }),
    );
  });
});
