import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import { exec } from './exec-jail.ts';
import { shell } from './jails.ts';
import { homesOf, makeOldJails, oldBootLine, tenantData } from './old-way.ts';

const manifest = '/run/imported.yaml';
const adopt = ['import', '--adopt', '--file', manifest];

/** The account files, rules and boot lines of what is not taken over. */
const neighbour = `
  grep -h '^jail2x1' /etc/passwd /etc/shadow /etc/group
  iptables-save | grep -- '--uid-owner 1004'
  grep jail2x1 /etc/rc.local
  cd /jail2x && find . -printf '%p %y %m %U:%G %l %s %T@\\n' | sort`;

describe('a jail of the old scripts', () => {
  let host: TestHost;
  let before: Awaited<ReturnType<typeof stateOf>>;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await makeOldJails(host, [
      { name: 'jail', users: 3, tools: ['/usr/bin/python3', '/usr/lib/python3.*'] },
      { name: 'jail2x', users: 1, tools: [] },
    ]);
    await shell(host, tenantData);
    before = await stateOf(host);
  }, 60_000);
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('is found with its neighbour, and nothing is changed', async () => {
    const { exitCode, stdout, stderr } = await host.jailctl(['import']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}jail:\n {4}path: \/jail\n/m);
    expect(stdout).toMatch(/^ {2}jail2x:\n {4}path: \/jail2x\n/m);
    expect(stdout).toContain('# until now jail1, jail2, jail3 could send over IPv6');
    expect(stdout).toContain('    network: none\n');
    expect(stdout).toContain('by jk_chrootsh');
    expect(await stateOf(host)).toEqual(before);
  });

  test('becomes a manifest that is valid, with the tools that it was made of', async () => {
    const written = await host.jailctl(['import', 'jail', '--out', manifest]);
    expect(written).toMatchObject({ exitCode: 0, stdout: `${manifest}\n` });
    const text = await host.read(manifest);
    expect(text).toContain('users: 3\n');
    const [, tools = ''] = /tools:\n((?: +- .*\n)+)/.exec(text) ?? [];
    expect(tools.replaceAll(/3\.\d+/g, '3.N').split('\n')).toEqual([
      '      - jailkit:basicshell',
      '      - python3',
      '      - python3.N',
      '      - /usr/lib/python3.N',
      '',
    ]);
    expect(await host.jailctl(['validate', '--file', manifest])).toMatchObject({ exitCode: 0 });
  });

  test('does not go over a manifest that is there', async () => {
    const text = await host.read(manifest);
    const again = await host.jailctl(['import', 'jail', '--out', manifest]);
    expect(again).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('overwritten') });
    expect(await host.read(manifest)).toBe(text);
  });

  test('is in the way of an apply, which names the way out', async () => {
    const plan = await host.jailctl(['apply', '--yes', '--file', manifest]);
    expect(plan.exitCode).toBe(4);
    const conflicts = plan.stdout.split('\n! ').slice(1);
    expect(conflicts).toHaveLength(4);
    for (const one of conflicts) expect(one).toContain('jailctl import --adopt');
    expect(await stateOf(host)).toEqual(before);
  });

  test('is taken over for nobody who did not say so', async () => {
    const asked = await host.jailctl(adopt);
    expect(asked).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('jailctl import --adopt --yes'),
    });
    expect(asked.stdout).toContain('-D OUTPUT -m owner --uid-owner 1001 -j DROP');
    expect(asked.stdout).toContain(`- ${oldBootLine('jail1')}`);
    expect(asked.stdout).toContain('home /jail/./home/jail1, wanted /jail/home/jail1');
    expect(await stateOf(host)).toEqual(before);
  });

  test('is taken over: its users keep their UIDs and homes, and the next plan is empty', async () => {
    const homes = await homesOf(host, 'jail');
    const others = await shell(host, neighbour);
    const adopted = await host.jailctl([...adopt, '--yes']);
    expect(adopted, adopted.stderr).toMatchObject({ exitCode: 0 });
    expect(await homesOf(host, 'jail')).toBe(homes);
    expect(await shell(host, neighbour)).toBe(others);
    const plan = await host.jailctl(['plan', '--detailed-exitcode', '--file', manifest]);
    expect(plan.stdout).toBe('Nothing to do: this host is as the manifest says.\n');
    const again = await host.jailctl([...adopt, '--yes']);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toMatch(/^Nothing to take over/);
    const users = await shell(
      host,
      "getent passwd | grep 'jailctl jail jail:' | cut -d: -f1,3,4,6",
    );
    expect(users.trim().split('\n')).toEqual(
      [1, 2, 3].map((number) => `jail${number}:100${number}:100${number}:/jail/home/jail${number}`),
    );
  });

  test('has the fence in the place of its old rules, now and at boot', async () => {
    const rules = await shell(host, 'iptables-save');
    expect(rules).toContain('-A OUTPUT -m owner --uid-owner 1001-1003');
    expect(rules).not.toMatch(/--uid-owner 100[123] -j DROP/);
    expect(rules).toContain('-A OUTPUT -m owner --uid-owner 1004 -j DROP');
    expect(await host.read('/etc/rc.local')).toBe(
      `#!/bin/sh\necho booted\n${oldBootLine('jail2x1')}\n`,
    );
    expect(await shell(host, 'stat -c %a:%u /etc/rc.local')).toBe('755:0\n');
    await host.listen('tcp', '127.0.0.1', 7777);
    await host.listen('tcp', '::1', 7777);
    for (const address of ['127.0.0.1', '::1']) {
      expect(await host.ask('tcp', address, 7777, { user: 1001 })).toBe('ECONNREFUSED');
      expect(await host.ask('tcp', address, 7777)).toBe('answered');
    }
  });

  test('runs programs, by jailctl and by plain chroot, with the data of its users', async () => {
    const program = ['python3', '-c', 'import json; print(json.dumps(open("work").read()))'];
    const { output, result } = await exec(host, { jail: 'jail/jail1', argv: program });
    expect({ output, status: result.status }).toEqual({ output: '"precious\\n"\n', status: 'ok' });
    const chroot = ['chroot', '--userspec=jail2', '/jail', '/bin/sh', '-c', 'echo $((6*7))'];
    expect(await host.ok(chroot as [string, ...string[]])).toBe('42\n');
  });

  test('goes with all that belongs to it, and its neighbour stays', async () => {
    const others = await shell(host, neighbour);
    const destroyed = await host.jailctl(['destroy', '--yes', '--destroy-data']);
    expect(destroyed).toMatchObject({ exitCode: 0 });
    expect(await shell(host, neighbour)).toBe(others);
    const left = await shell(
      host,
      `ls -d /jail /.jailctl* /var/lib/jailctl /etc/*.jailctl-new 2>/dev/null || true
       grep -E '^jail[0-9]+:' /etc/passwd /etc/group /etc/shadow /etc/gshadow || true
       iptables-save | grep -iE 'jailctl|100[123]' || true; ip6tables-save | grep -i jailctl || true`,
    );
    expect(left).toBe('');
  });
});

describe('what of an old jail a manifest can not say', () => {
  test('is told: files without a source, set-user-ID bits, other users, holes, strange rules', async () => {
    await using host = await testHost();
    await makeOldJails(host, [{ name: 'jail', users: 1, tools: [] }]);
    await shell(
      host,
      `useradd --no-create-home --home /jail/./home/jail3 --uid 70007 jail3
       useradd --no-create-home --home /jail/./home/alice alice
       useradd --no-create-home --home /srv/jail9 jail9
       mkdir /jail/opt /jail/home/jail3; echo own >/jail/opt/own; chmod g+w /jail/opt
       cp /bin/su /jail/usr/bin/su; chmod 4755 /jail/usr/bin/su
       printf 'evil' >"/jail/opt/$(printf 'new\\nline: {')"
       iptables -A OUTPUT -d 10.0.0.5 -m owner --uid-owner jail1 -j ACCEPT`,
    );
    const { stdout, exitCode, stderr } = await host.jailctl(['import']);
    expect(exitCode, stderr).toBe(0);
    for (const told of [
      'alice (UID 1002, home /jail/./home/alice) lives in it too',
      'jail9 (UID 1003) has the name of a user of this jail, and its home is /srv/jail9',
      'not there yet, and made by the next apply: jail2',
      'no tool of this host brings these, so they would go: /opt/new\\x0aline: {, /opt/own',
      'set-user-ID and set-group-ID bits do not come along: /usr/bin/su',
      "until now others than root can change these; they become root's: /opt",
      'until now jail3 could send over IPv4',
      'a rule that is not carried over',
    ]) {
      expect(stdout).toContain(told);
    }
    expect(stdout).toContain('    users: 3\n');
    expect(stdout).toContain('uids: 70000-89999\n');
    expect(stderr).toContain('--adopt would refuse: alice lives in the jail too');
    await host.write(manifest, stdout);
    expect(await host.jailctl(['validate', '--file', manifest])).toMatchObject({ exitCode: 0 });
  });
});
