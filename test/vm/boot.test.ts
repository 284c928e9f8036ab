import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, type Reported } from './guest.ts';
import { type Image, makeImage } from './image.ts';
import { type OuterServer, outerServer } from './outer-server.ts';

const jailctl = 'node /opt/jailctl/dist/jailctl.js';

const apply = `
cat >/root/jails.yaml <<'YAML'
version: 1
uids: 70000-70999
jails:
  web: { users: 2, tools: [sh, id] }
  worker: { users: 1, tools: [], network: { allow: [ { to: 192.0.2.1, port: 5432 } ] } }
YAML
report apply ${jailctl} apply --yes --file /root/jails.yaml
`;

/** What the guest is like. */
const look = `
report failed systemctl list-units --failed --plain --no-legend
report unit systemctl show --property=Result,ActiveState jailctl-rules.service
report rules4 iptables-save
report rules6 ip6tables-save
report plan ${jailctl} plan --detailed-exitcode --file /root/jails.yaml
`;

const packets = `
report packets sh -c 'while systemctl is-active --quiet vm-first-packets; do sleep 0.1; done
  cat /run/vm/packets || journalctl --unit vm-first-packets'
`;

/** The first script that the unit runs takes no rule any more. */
const damage =
  "report damage sed -i 's/--reject-with tcp-reset/--reject-with no/' /var/lib/jailctl/restore-rules\n";

const run = `
report exec ${jailctl} exec web -- /usr/bin/id -u
`;

/** What came of the attempts of one user, by place: `first`, and how often each thing came. */
type Outcomes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const places = ['tcp', 'udp'].flatMap((protocol) =>
  ['127.0.0.1', '::1', '10.0.2.2', 'fec0::2'].map((address) => `${protocol} ${address}`),
);
const answeredAt = (outcomes: Outcomes) =>
  places.filter((place) => outcomes[place]?.['answered'] !== undefined);

const textOf = (reports: ReadonlyMap<string, Reported>, name: string) =>
  reports.get(name)?.text ?? `no report ${name}`;

/** By user; lines as `jail|udp ::1|EPERM|12` (guest/usr/local/lib/vm/first-packets.py). */
function packetsOf(reports: ReadonlyMap<string, Reported>) {
  const text = textOf(reports, 'packets');
  expect(reports.get('packets'), text).toMatchObject({ exitCode: 0 });
  const users = { jail: {}, other: {} } as Record<'jail' | 'other', Record<string, object>>;
  for (const line of text.split('\n')) {
    const [user, place = '', outcome = '', what = ''] = line.split('|');
    if (user !== 'jail' && user !== 'other') continue;
    users[user][place] = { ...users[user][place], [outcome]: what };
  }
  return users as Record<'jail' | 'other', Outcomes>;
}

/** Without times and counters. */
const rulesOf = (reports: ReadonlyMap<string, Reported>) =>
  ['rules4', 'rules6'].map((name) =>
    textOf(reports, name)
      .replace(/^#.*\n/gm, '')
      .replace(/^(:.*) \[.*$/gm, '$1'),
  );

describe('a guest that is booted again and again', () => {
  const directory = mkdtempSync(`${tmpdir()}/jailctl-vm-`);
  let image: Image;
  let server: OuterServer;
  let applied: readonly string[];
  beforeAll(async () => {
    image = makeImage(directory);
    server = await outerServer();
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await server[Symbol.asyncDispose]();
  });
  const withPackets = (script: string, ...options: readonly string[]) =>
    boot(image, script, [`vm.port=${server.port}`, ...options]);

  test('gets its jails', async () => {
    const reports = await boot(image, apply + look);
    expect(reports.get('apply'), textOf(reports, 'apply')).toMatchObject({ exitCode: 0 });
    expect(reports.get('plan')).toMatchObject({ exitCode: 0 });
    applied = rulesOf(reports);
    expect(applied.join('').match(/^-A JAILCTL/gm)?.length).toBeGreaterThan(4);
  });

  test('refuses a jail user from the first packet on, and nobody else', async () => {
    const reports = await withPackets(packets + look + run);
    const { jail, other } = packetsOf(reports);
    expect(answeredAt(other)).toEqual(places);
    expect(answeredAt(jail)).toEqual([]);
    expect(Object.keys(jail)).toEqual(expect.arrayContaining(places));
    expect(jail).toMatchObject({
      'tcp 127.0.0.1': { first: 'ECONNREFUSED' },
      'tcp ::1': { first: 'ECONNREFUSED' },
      'udp 127.0.0.1': { first: 'EPERM' },
      'udp ::1': { first: 'EPERM' },
      'udp 10.0.2.2': { EPERM: expect.any(String) },
      'udp fec0::2': { EPERM: expect.any(String) },
    });
    expect([...server.heard].filter((who) => who.endsWith(' jail'))).toEqual([]);
    expect([...server.heard].filter((who) => who.endsWith(' other'))).toHaveLength(4);
    expect(reports.get('system')).toMatchObject({ exitCode: 0, text: 'running\n' });
    expect(textOf(reports, 'failed').trim()).toBe('');
    expect(textOf(reports, 'unit')).toBe('Result=success\nActiveState=active\n');
    expect(rulesOf(reports)).toEqual(applied);
    expect(reports.get('plan')).toMatchObject({ exitCode: 0 });
    expect(reports.get('exec')).toEqual({
      exitCode: 0,
      text: expect.stringMatching(/^7000[01]\n$/),
    });
  });

  test('refuses nobody when the unit is masked: it is what refuses', async () => {
    const reports = await withPackets(
      packets + look + damage,
      'systemd.mask=jailctl-rules.service',
    );
    const { jail, other } = packetsOf(reports);
    expect(answeredAt(other)).toEqual(places);
    expect(answeredAt(jail)).toEqual(places);
    expect([...server.heard].filter((who) => who.endsWith(' jail'))).toHaveLength(4);
    expect(reports.get('plan')).toMatchObject({
      exitCode: 2,
      text: expect.stringContaining('packet rules: 2 to create'),
    });
  });

  test('cuts jail users off when the rules can’t be restored, and an apply mends it', async () => {
    const reports = await withPackets(
      packets + look.replaceAll('report ', 'report cut-') + apply + look,
    );
    const { jail, other } = packetsOf(reports);
    expect(answeredAt(other)).toEqual(places);
    expect(answeredAt(jail)).toEqual([]);
    expect(textOf(reports, 'cut-unit')).toBe('Result=exit-code\nActiveState=failed\n');
    expect(reports.get('system')).toMatchObject({ text: 'degraded\n' });
    expect(textOf(reports, 'cut-plan')).toMatch(/not wanted: -A JAILCTL .*-j DROP/);
    expect(reports.get('apply'), textOf(reports, 'apply')).toMatchObject({ exitCode: 0 });
    expect(reports.get('plan')).toMatchObject({ exitCode: 0 });
    expect(rulesOf(reports)).toEqual(applied);
  });
});
