import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, manifestPath, shell, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;
const web = (more = '', users = 2) => `jails:\n  web: { users: ${users}, tools: [ls]${more} }\n`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host[Symbol.asyncDispose]());

/** The labels of a plan's changes, by address; neutral ones are left out. */
async function labelsOf(...args: string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout, exitCode } = await host.jailctl(['plan', ...file, '--json', ...args]);
  expect(exitCode, stdout).toBe(0);
  const document = JSON.parse(stdout);
  expectValid('plan', document);
  const changes = document.changes as { address: string; label: string }[];
  const told = changes.filter(({ label }) => label !== 'neutral');
  return Object.fromEntries(told.map(({ address, label }) => [address, label]));
}

describe('the labels of a plan', () => {
  test('of new jails are neutral, whatever they may do', async () => {
    await writeManifest(host, web(', network: host'));
    expect(await labelsOf()).toEqual({});
  });

  const grown = 'add: { users: 1, tools: [ls], network: host }';
  test.for([
    [
      'more users and tools',
      web(', network: { allow: [{ to: 10.0.0.5 }] }', 3).replace('[ls]', '[ls, sh]'),
      {},
    ],
    ['another jail', `${web(', network: { allow: [{ to: 10.0.0.5 }] }')}  ${grown}\n`, {}],
    [
      'another network',
      web(', network: host'),
      {
        ...{ 'jail/web': 'loosens', 'boot/script': 'loosens' },
        ...{ 'firewall/ipv4': 'loosens', 'firewall/ipv6': 'loosens' },
      },
    ],
    [
      'no network',
      web(),
      { 'jail/web': 'tightens', 'firewall/ipv4': 'tightens', 'boot/script': 'tightens' },
    ],
    [
      'a limit raised',
      web(', network: { allow: [{ to: 10.0.0.5 }] }, limits: { open_files: 100 }'),
      { 'jail/web': 'loosens', 'limits/logins': 'loosens' },
    ],
    [
      'a limit lowered',
      web(', network: { allow: [{ to: 10.0.0.5 }] }, limits: { open_files: 10 }'),
      { 'jail/web': 'tightens', 'limits/logins': 'tightens' },
    ],
    [
      'a user less',
      web(', network: { allow: [{ to: 10.0.0.5 }] }', 1),
      { 'tree/web/home/web2': 'destroys' },
    ],
    ['no jail', 'jails: {}\n', { 'jail/web': 'destroys', 'tree/web/home/web2': 'destroys' }],
  ] as const)('tell what the manifest changes: %s', async ([, text, expected]) => {
    await writeManifest(host, web(', network: { allow: [{ to: 10.0.0.5 }] }'));
    await apply(host);
    await shell(host, 'echo data >/web/home/web2/file');
    await writeManifest(host, text);
    expect(await labelsOf()).toEqual(expected);
  });

  describe('never call it looser when what somebody changed is mended', () => {
    beforeEach(async () => {
      await writeManifest(host, web(', network: { allow: [{ to: 10.0.0.5 }] }'));
      await apply(host);
    });

    test.for([
      ['a hole before the fence', 'iptables -I OUTPUT -j ACCEPT', { 'firewall/ipv4': 'tightens' }],
      [
        'a hole in the fence',
        'iptables -I JAILCTL -d 10.0.0.9 -j RETURN',
        { 'firewall/ipv4': 'tightens' },
      ],
      ['a fence without its end', 'ip6tables -D JAILCTL 2', { 'firewall/ipv6': 'tightens' }],
      ['no way to the fence', 'ip6tables -D OUTPUT 1', { 'firewall/ipv6': 'tightens' }],
      ['no fence at all', 'iptables -F; iptables -X', { 'firewall/ipv4': 'tightens' }],
      ['a fence that is too tight', 'iptables -D JAILCTL 1', {}],
      [
        'an open account',
        'usermod --shell /bin/sh web1; usermod --append --groups users web2',
        { 'account/web1': 'tightens', 'account/web2': 'tightens' },
      ],
      [
        'files that others can write to',
        'chmod 0777 /web/usr/bin; chmod u+s /web/usr/bin/ls; chown web1 /web/etc',
        {
          'tree/web/usr/bin': 'tightens',
          'tree/web/usr/bin/ls': 'tightens',
          'tree/web/etc': 'tightens',
        },
      ],
      ['files that are missing, or closed', 'rm /web/usr/bin/ls; chmod 0700 /web/usr', {}],
      ['an open marker', 'chmod 0644 /web/.jailctl/settings.json', { 'jail/web': 'tightens' }],
      ['an open register', 'chmod 0777 /var/lib/jailctl', { 'limits/pool': 'tightens' }],
      [
        'limits of logins that were raised',
        'sed -i s/nofile.*/nofile\\ 9999/ /etc/security/limits.d/jailctl.conf',
        { 'limits/logins': 'tightens' },
      ],
      [
        'no limits of logins',
        'rm /etc/security/limits.d/jailctl.conf',
        { 'limits/logins': 'tightens' },
      ],
    ] as const)('%s', async ([, harm, expected]) => {
      await shell(host, harm);
      expect(await labelsOf()).toEqual(expected);
    });
  });
});

describe('a policy', () => {
  beforeAll(async () => {
    await writeManifest(host, web());
    await apply(host);
    await shell(host, 'echo data >/web/home/web2/file');
    await writeManifest(host, web(', network: host', 1));
  });

  test('fails with 4, names the changes, and saves no plan', async () => {
    const args = ['plan', ...file, '--policy', 'deny=destroy,loosen', '--out', '/run/denied.json'];
    const { exitCode, stdout, stderr } = await host.jailctl([...args, '--detailed-exitcode']);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^Destroys data: tree\/web\/home\/web2$/m);
    expect(stdout).toMatch(/^Loosens: firewall\/ipv4, firewall\/ipv6, boot\/script, jail\/web$/m);
    expect(stderr).toContain('the policy denies 5 of these changes\n');
    expect(stderr).toContain('  destroys: tree/web/home/web2\n');
    expect(stderr).toContain('/run/denied.json was not written: the policy denies the plan');
    expect((await host.run(['test', '-e', '/run/denied.json'])).exitCode).toBe(1);
  });

  test('is in the one document of --json', async () => {
    const result = await host.jailctl(['plan', ...file, '--json', '--policy', 'deny=destroys']);
    expect(result).toMatchObject({ exitCode: 4, stderr: '' });
    const document = JSON.parse(result.stdout);
    expectValid('plan', document);
    expect(document.policy).toEqual({ deny: ['destroys'], denied: ['tree/web/home/web2'] });
  });

  test.for([
    ['deny=tighten', 0],
    ['deny=loosen', 4],
    ['deny=neutral', 4],
  ] as const)('of what is not there lets a plan pass: %s', async ([policy, code]) => {
    const result = await host.jailctl(['plan', ...file, '--policy', policy]);
    expect(result.exitCode).toBe(code);
    const detailed = ['plan', ...file, '--policy', policy, '--detailed-exitcode'];
    expect((await host.jailctl(detailed)).exitCode).toBe(code === 0 ? 2 : code);
  });

  test.for(['', 'destroy', 'deny=', 'deny=burn', 'deny=destroy,', 'allow=loosen'])(
    'that says nothing is a mistake: "%s"',
    async (policy) => {
      const result = await host.jailctl(['plan', ...file, '--policy', policy]);
      expect(result).toMatchObject({ exitCode: 3, stdout: '', stderr: /Write deny= and some of/ });
      const json = await host.jailctl(['plan', ...file, '--json', '--policy', policy]);
      expect(json).toMatchObject({ exitCode: 3, stderr: '' });
      expectValid('error', JSON.parse(json.stdout));
    },
  );

  test('is in Markdown and JUnit, too', async () => {
    const args = ['--markdown', '--junit', '/run/plan.xml', '--policy', 'deny=loosen'];
    const { exitCode, stdout } = await host.jailctl(['plan', ...file, ...args]);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^## Plan: /);
    expect(stdout).toContain('❌ **The policy denies it** (loosens): `firewall/ipv4`');
    expect(stdout).toMatch(/^\| update \| `jail\/web` \| loosens \| `its settings differ` \|$/m);
    const script =
      'import sys, xml.etree.ElementTree as e; print(e.parse(sys.stdin).getroot().get("failures"))';
    const xml = await host.read('/run/plan.xml');
    const { stdout: failures } = await execa('python3', ['-c', script], { input: xml });
    const summary = JSON.parse((await host.jailctl(['plan', ...file, '--json'])).stdout).summary;
    expect(Number(failures)).toBe(summary.create + summary.update + summary.delete);
    expect(xml).toContain('<testcase classname="web" name="jail/web"');
  });

  test('of no plan at all passes, and every report says that nothing is to do', async () => {
    await apply(host);
    const args = ['--markdown', '--junit', '/run/plan.xml', '--policy', 'deny=loosen,destroy'];
    const { exitCode, stdout } = await host.jailctl(['plan', ...file, ...args]);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: /^## ✅ Nothing to do/ });
    expect(await host.read('/run/plan.xml')).toMatch(/tests="1" failures="0" errors="0"/);
  });

  test('--markdown and --json do not go together', async () => {
    const result = await host.jailctl(['plan', ...file, '--markdown', '--json']);
    expect(result).toMatchObject({ exitCode: 3, stderr: '' });
  });
});
