import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody } from '../scenarios/cli.ts';
import { shell } from '../scenarios/jails.ts';
import { checkOn, replacedOn } from './host-check.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host[Symbol.asyncDispose]());

const check = (id: string, ...args: readonly string[]) => checkOn(host, id, ...args);
const replaced = <T>(path: string, text: string, look: () => Promise<T>) =>
  replacedOn(host, path, text, look);

describe('packet rules', () => {
  test('of two worlds are told, with the commands that show each', async () => {
    expect(await check('packet-filters')).toMatchObject({ status: 'ok' });
    const rule = '-A INPUT -s 192.0.2.1 -j DROP';
    await shell(host, `iptables-nft ${rule}`);
    expect(await check('packet-filters')).toMatchObject({ status: 'ok' });
    await shell(host, `iptables-legacy ${rule}; ip6tables-legacy -A INPUT -s 2001:db8::1 -j DROP`);
    const { status, findings } = await check('packet-filters');
    expect(status).toBe('warning');
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        'IPv4 has packet rules in two worlds: 1 by legacy iptables, 1 rule by',
      ),
    ]);
    for (const { command } of findings[0]?.remedies.slice(0, 2) ?? []) {
      expect(await shell(host, command ?? '')).toContain('-A INPUT -s 192.0.2.1/32 -j DROP');
    }
    await shell(host, 'iptables-nft -F; iptables-legacy -F; ip6tables-legacy -F');
    expect(await check('packet-filters')).toMatchObject({ status: 'ok' });
  });

  test('that can not be read are a problem', async () => {
    const script = '#!/bin/sh\necho "table does not exist" >&2\nexit 3\n';
    const path = (await host.ok(['readlink', '-f', '/usr/sbin/ip6tables-save'])).trim();
    const found = await replaced(path, script, () => check('packet-filters'));
    expect(found).toMatchObject({
      status: 'problem',
      findings: expect.arrayContaining([
        expect.objectContaining({
          message: expect.stringContaining('ip6tables-save: table does not exist'),
        }),
      ]),
    });
  });

  test('by user are known to work when there is one', async () => {
    await shell(host, 'iptables -A OUTPUT -m owner --uid-owner 84700 -j ACCEPT');
    expect(await check('owner-match')).toMatchObject({ status: 'ok' });
    await shell(host, 'iptables -F OUTPUT');
  });

  test('of IPv6: on, off', async () => {
    await shell(host, 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6');
    expect((await check('address-families')).findings[0]?.message).toMatch(/^on: /);
    await shell(host, 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6');
    expect((await check('address-families')).findings[0]?.message).toMatch(/^off by sysctl: /);
  });
});

describe('logins', () => {
  test('have limits by PAM, and the commands that are shown put it right', async () => {
    await shell(
      host,
      `printf 'UsePAM yes\\n' >/etc/ssh/sshd_config
       printf '@include common-session\\nsession required pam_limits.so\\n' >/etc/pam.d/sshd
       printf 'session include common-session\\nsession optional pam_x.so\\n' >/etc/pam.d/login
       printf 'session [success=ok default=bad] pam_limits.so\\n@include common-session\\n' >/etc/pam.d/common-session`,
    );
    expect(await check('login-limits')).toMatchObject({ status: 'ok', findings: [] });
    await shell(
      host,
      `printf 'Port 22\\nMatch User bob\\nUsePAM yes\\n' >/etc/ssh/sshd_config
       sed -i '/pam_limits/s/^/#/' /etc/pam.d/sshd /etc/pam.d/common-session`,
    );
    const { status, findings } = await check('login-limits');
    expect(status).toBe('warning');
    expect(findings.map(({ message }) => message)).toEqual([
      'limits of logins are not in force: /etc/pam.d/sshd lacks pam_limits.so',
      'limits of logins are not in force: /etc/pam.d/login lacks pam_limits.so',
      'limits of logins are not in force over SSH: sshd does not use PAM',
    ]);
    // The first value counts, wherever it stands.
    await shell(
      host,
      `mkdir -p /etc/ssh/sshd_config.d; echo UsePAM no >/etc/ssh/sshd_config.d/1.conf
       printf 'Include /etc/ssh/sshd_config.d/*.conf\\nUsePAM yes\\n' >/etc/ssh/sshd_config`,
    );
    expect((await check('login-limits')).findings).toHaveLength(3);
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1h8ovLwtQ+TbOwFV3AqzbLp1UvB0FPLPe5v6qO1mZS';
    const logins = `version: 1\njails:\n  web: { users: 1, tools: [sh], login: chroot, authorized_keys: [${key}] }\n`;
    await host.write('/run/logins.yaml', logins);
    const needed = await check('login-limits', '--file', '/run/logins.yaml');
    expect(needed.findings.map((one) => one.status)).toEqual(['problem', 'warning', 'problem']);
    for (const { remedies } of findings) {
      // There is no service to reload here.
      await shell(host, (remedies[0]?.command ?? '').replace(/ && systemctl .*/, ''));
    }
    expect(await check('login-limits')).toMatchObject({ status: 'ok' });
  });
});

describe('limits of jails', () => {
  test('that are too small for their programs are told with their line, and the line that helps', async () => {
    const write = (limits: string) =>
      host.write(
        '/run/small.yaml',
        `version: 1\nuids: 84700-84701\njails:\n  a: { users: 1, tools: [ls], limits: { processes: 1 } }\n  web: { users: 1, tools: [/usr/bin/node, java], ${limits} }\n`,
      );
    await write('limits: { processes: 4, memory: 16MiB }');
    const { status, findings } = await check('jail-limits', '--file', '/run/small.yaml');
    expect(status).toBe('warning');
    expect(findings.map(({ message }) => message.replace(/ (?:with|does|hangs) .*/, ''))).toEqual([
      ...['Node', 'Node', 'Java', 'Java'].map((name) => `/run/small.yaml:5: jail web: ${name}`),
    ]);
    const lines = findings.flatMap(({ remedies }) =>
      remedies.map(({ manifest }) => manifest ?? ''),
    );
    expect(lines).toContain('limits: { processes: 20 }');
    await write('limits: { processes: 20, memory: 32MiB }');
    expect(await check('jail-limits', '--file', '/run/small.yaml')).toMatchObject({ status: 'ok' });
  });
});

test('without root, doctor looks at what anybody can see, and says of the rest that it did not', async () => {
  await installForEverybody(host);
  const { stdout, stderr } = await asNobody(host, ['doctor']);
  expect(stderr).toBe('');
  expect(stdout).toContain('ok       programs that jailctl calls\n');
  expect(stdout).toContain(`unknown  files of IDs that nobody has
  ? only root can see this
    → looks as root: sudo jailctl doctor
`);
  expect(stdout).toMatch(/ \d+ unknown\.\n$/);
});
