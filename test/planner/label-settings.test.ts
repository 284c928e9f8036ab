import { describe, expect, test } from 'vitest';
import schema from '../../schemas/jails.schema.json' with { type: 'json' };
import { limitForms } from '../../src/model/limit-forms.ts';
import type { AllowedTarget, JailSettings, Limits, Network } from '../../src/model/settings.ts';
import { labelOfSettings, limitRules, settingsRules } from '../../src/planner/label-settings.ts';
import { jailSettings } from '../rig/settings.ts';

const base = jailSettings('web', [{ name: 'web1', uid: 70_000 }], {
  mode: 'none',
  refusal: 'reject',
});

type Case = readonly [
  what: string,
  before: Partial<JailSettings>,
  after: Partial<JailSettings>,
  label: string,
];

const target = (to: string, more: Partial<AllowedTarget> = {}): AllowedTarget => ({
  family: to.includes(':') ? 'ipv6' : 'ipv4',
  to,
  protocol: 'tcp',
  ...more,
});
const allow = (...targets: readonly AllowedTarget[]): { network: Network } => ({
  network: { mode: 'allow', refusal: 'reject', targets },
});
const host = { network: { mode: 'host' } } as const;
const none = { network: { mode: 'none', refusal: 'reject' } } as const;
const limits = (more: Partial<Limits>) => ({ limits: { ...base.limits, ...more } });

/** By key; each has at least one. */
const cases: Readonly<Record<keyof JailSettings, readonly Case[]>> = {
  name: [['another name', { name: 'a' }, { name: 'b' }, 'neutral']],
  path: [['another place', { path: '/a' }, { path: '/b' }, 'neutral']],
  users: [
    ['a user more', {}, { users: [...base.users, { name: 'web2', uid: 70_001 }] }, 'neutral'],
    ['a user less', {}, { users: [] }, 'neutral'],
  ],
  network: [
    ['none to host', none, host, 'loosens'],
    ['host to none', host, none, 'tightens'],
    ['none to a target', none, allow(target('10.0.0.5/32')), 'loosens'],
    ['a target to host', allow(target('10.0.0.5/32')), host, 'loosens'],
    [
      'host to everything, by name',
      host,
      allow(target('0.0.0.0/0', { protocol: 'any' }), target('::/0', { protocol: 'any' })),
      'neutral',
    ],
    ['host to all of IPv4', host, allow(target('0.0.0.0/0', { protocol: 'any' })), 'tightens'],
    [
      'a target more',
      allow(target('10.0.0.5/32')),
      allow(target('10.0.0.5/32'), target('10.0.0.6/32')),
      'loosens',
    ],
    [
      'a target less',
      allow(target('10.0.0.5/32'), target('10.0.0.6/32')),
      allow(target('10.0.0.5/32')),
      'tightens',
    ],
    ['a target for another', allow(target('10.0.0.5/32')), allow(target('10.0.0.6/32')), 'loosens'],
    ['a larger network', allow(target('10.0.0.0/16')), allow(target('10.0.0.0/8')), 'loosens'],
    ['a smaller network', allow(target('10.0.0.0/8')), allow(target('10.1.0.0/16')), 'tightens'],
    [
      'a smaller network elsewhere',
      allow(target('10.0.0.0/8')),
      allow(target('11.1.0.0/16')),
      'loosens',
    ],
    [
      'a smaller network of IPv6',
      allow(target('fd00::/8')),
      allow(target('fd00:1::5/128')),
      'tightens',
    ],
    [
      'a network of IPv6 beside it',
      allow(target('fd00::/16')),
      allow(target('fd01::/16')),
      'loosens',
    ],
    [
      'an IPv4 address in IPv6',
      allow(target('::ffff:10.0.0.0/104')),
      allow(target('::ffff:a00:5/128')),
      'tightens',
    ],
    ['IPv4 for IPv6', allow(target('::/0')), allow(target('0.0.0.0/0')), 'loosens'],
    [
      'one port of some',
      allow(target('10.0.0.5/32', { ports: { first: 80, last: 90 } })),
      allow(target('10.0.0.5/32', { ports: { first: 80, last: 80 } })),
      'tightens',
    ],
    [
      'ports that overlap',
      allow(target('10.0.0.5/32', { ports: { first: 80, last: 90 } })),
      allow(target('10.0.0.5/32', { ports: { first: 85, last: 95 } })),
      'loosens',
    ],
    [
      'every port, by number',
      allow(target('10.0.0.5/32')),
      allow(target('10.0.0.5/32', { ports: { first: 0, last: 65_535 } })),
      'neutral',
    ],
    [
      'any protocol',
      allow(target('10.0.0.5/32')),
      allow(target('10.0.0.5/32', { protocol: 'any' })),
      'loosens',
    ],
    [
      'UDP of any',
      allow(target('10.0.0.5/32', { protocol: 'any' })),
      allow(target('10.0.0.5/32', { protocol: 'udp' })),
      'tightens',
    ],
    [
      'UDP for TCP',
      allow(target('10.0.0.5/32')),
      allow(target('10.0.0.5/32', { protocol: 'udp' })),
      'loosens',
    ],
    [
      'another order',
      allow(target('10.0.0.5/32'), target('10.0.0.6/32')),
      allow(target('10.0.0.6/32'), target('10.0.0.5/32')),
      'neutral',
    ],
    ['another refusal', none, { network: { mode: 'none', refusal: 'drop' } }, 'neutral'],
  ],
  limits: [
    ...Object.values(limitForms).flatMap(({ field }): Case[] => [
      [`${field} raised`, limits({ [field]: 10 }), limits({ [field]: 11 }), 'loosens'],
      [`${field} lowered`, limits({ [field]: 11 }), limits({ [field]: 10 }), 'tightens'],
    ]),
    ['no limit of disk', limits({ diskBytes: 10 }), {}, 'loosens'],
    ['a limit of disk', {}, limits({ diskBytes: 10 }), 'tightens'],
    ['no limit of processors', limits({ cpus: 2 }), {}, 'loosens'],
    ['one raised, one lowered', {}, limits({ processes: 1, memoryBytes: 2 ** 40 }), 'loosens'],
  ],
  engine: [
    ['runc to chroot', { engine: 'runc' }, { engine: 'chroot' }, 'loosens'],
    ['the best to chroot', {}, { engine: 'chroot' }, 'loosens'],
    ['chroot to the best', { engine: 'chroot' }, {}, 'tightens'],
    ['runc to crun', { engine: 'runc' }, { engine: 'crun' }, 'neutral'],
    ['crun to runsc', { engine: 'crun' }, { engine: 'runsc' }, 'tightens'],
    ['runsc to the best', { engine: 'runsc' }, {}, 'loosens'],
  ],
  home: [
    ['keep to fresh', { home: 'keep' }, { home: 'fresh' }, 'tightens'],
    ['fresh to keep', { home: 'fresh' }, { home: 'keep' }, 'loosens'],
  ],
  optional: [
    ['a layer more', {}, { optional: ['seccomp'] }, 'loosens'],
    ['a layer less', { optional: ['seccomp'] }, {}, 'tightens'],
    ['one for another', { optional: ['seccomp'] }, { optional: ['memory'] }, 'loosens'],
  ],
  login: [
    ['none to another', {}, { login: 'chroot' }, 'loosens'],
    ['another to none', { login: 'chroot' }, {}, 'tightens'],
  ],
  authorizedKeys: [
    ['one more', { authorizedKeys: ['a'] }, { authorizedKeys: ['a', 'b'] }, 'loosens'],
    ['the first', {}, { authorizedKeys: ['a'] }, 'loosens'],
    ['one less', { authorizedKeys: ['a', 'b'] }, { authorizedKeys: ['b'] }, 'tightens'],
    ['another order', { authorizedKeys: ['a', 'b'] }, { authorizedKeys: ['b', 'a'] }, 'neutral'],
  ],
  env: [['a variable more', {}, { env: { LANG: 'C' } }, 'neutral']],
  protect: [
    ['lifted', { protect: true }, { protect: false }, 'loosens'],
    ['set', { protect: false }, { protect: true }, 'tightens'],
  ],
  archive: [
    ['none any more', { archive: '/a' }, {}, 'loosens'],
    ['one', {}, { archive: '/a' }, 'tightens'],
    ['another', { archive: '/a' }, { archive: '/b' }, 'neutral'],
  ],
};

describe.for(Object.entries(cases))('a change of %s', ([, some]) => {
  test.for([...some])('%s', ([, before, after, label]) => {
    expect(labelOfSettings({ ...base, ...before }, { ...base, ...after })).toBe(label);
  });
});

describe('the rules', () => {
  test('say nothing where nothing changes', () => {
    for (const some of Object.values(cases)) {
      for (const [, before] of some) {
        expect(labelOfSettings({ ...base, ...before }, { ...base, ...before })).toBe('neutral');
      }
    }
  });

  test('know every key that a manifest has for a jail and its limits, and every case is one', () => {
    const { jail, limits: limitsSchema } = schema.definitions;
    // What is in a jail is a tree, and no setting.
    const isTree = (key: string) => ['tools', 'requirements'].includes(key);
    const keys = Object.keys(jail.properties)
      .filter((key) => !isTree(key))
      .map((key) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    expect(keys.filter((key) => !(key in settingsRules))).toEqual([]);
    const fields = Object.keys(limitsSchema.properties).map(
      (name) => limitForms[name]?.field ?? name,
    );
    expect(fields.sort()).toEqual(Object.keys(limitRules).sort());
    expect(Object.keys(cases).sort()).toEqual(Object.keys(settingsRules).sort());
  });

  test('take the worst of several', () => {
    const before = { ...base, protect: false, network: { mode: 'host' } as const };
    expect(labelOfSettings(before, { ...base, protect: true })).toBe('tightens');
    expect(labelOfSettings(before, { ...before, protect: true, engine: 'chroot' })).toBe('loosens');
  });
});
