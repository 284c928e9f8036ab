import { describe, expect, test } from 'vitest';
import { events, printed } from '../documents/run.ts';
import { stateOf } from './cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';
import { type LoginHost, loginHost, otherKeyFile } from './login-host.ts';

/** Logins as manifest and host change: who may get in, and what is left. */

const dropIn = '/etc/ssh/sshd_config.d/jailctl.conf';
const held = "echo there; trap '' HUP; sleep 60; true";

const jail = (keys: readonly string[], rest = 'login: chroot') => `root: /srv
jails:
  web:
    users: 2
    tools: [bash, id, sleep]
    ${rest}
    authorized_keys: [${keys.map((key) => `'${key}'`).join(', ')}]
`;
const closed = 'root: /srv\njails:\n  web: { users: 2, tools: [bash, id, sleep] }\n';

async function withLogins(): Promise<LoginHost> {
  const host = await loginHost();
  // So that sshd has written what it writes down of every login.
  await host.ssh('ann', ['--', 'true']);
  // And iptables its empty tables.
  await shell(host, 'for tables in iptables ip6tables; do $tables -N x; $tables -X x; done');
  return host;
}

const processesOf = (host: LoginHost, user: string) =>
  shell(host, `ps -o comm= -u ${user} || true`);

describe('on one host', () => {
  test('a login ends with its jail, and nothing is left', async () => {
    await using host = await withLogins();
    const before = await stateOf(host);
    const config = await shell(host, 'find /etc/ssh -printf "%p %m %s\\n" | sort');
    await writeManifest(host, jail([host.key]));
    await apply(host);
    await using session = host.startSsh('web1', ['--', held]);
    await session.printed('there');
    expect(await processesOf(host, '70000')).toContain('sleep');
    await destroy(host);
    expect(await session.result()).not.toMatchObject({ exitCode: 0 });
    expect(await processesOf(host, '70000')).toBe('');
    expect(await shell(host, 'find /etc/ssh -printf "%p %m %s\\n" | sort')).toBe(config);
    expect(await stateOf(host)).toEqual(before);
    // And sshd has nothing in mind of what was there.
    const log = await host.read('/run/sshd.log');
    expect(log.match(/SIGHUP/g)).toHaveLength(2);
  });

  test('a key that the manifest has no more opens nothing, and the others do', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key, host.otherKey]));
    await apply(host);
    const withOther = () => host.ssh('web2', ['--', 'id -un'], { key: otherKeyFile });
    expect(await withOther()).toMatchObject({ stdout: 'web2\n' });
    await writeManifest(host, jail([host.key]));
    expect((await plan(host)).text).toContain(`-${host.otherKey}`);
    await apply(host);
    expect(await withOther()).toMatchObject({ exitCode: 255, stdout: '' });
    expect(await host.says('web2', 'id -un')).toBe('web2\n');
    await expectNothingToDo(host);
  });

  test('a jail that gets login: none ends its logins, and lets nobody in', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key]));
    await apply(host);
    await using session = host.startSsh('web1', ['--', held]);
    await session.printed('there');
    await writeManifest(host, closed);
    await apply(host);
    expect(await processesOf(host, 'web1')).toBe('');
    expect(await host.ssh('web1', ['--', 'id'])).toMatchObject({ exitCode: 255, stdout: '' });
    expect(await shell(host, 'ls -A /etc/ssh/sshd_config.d')).toBe('');
    await expectNothingToDo(host);
    await writeManifest(host, jail([host.key]));
    await apply(host);
    expect(await host.says('web1', 'id -un')).toBe('web1\n');
  });

  test('what sshd has not read, or reads otherwise, is drift, and is mended', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key]));
    await apply(host);
    // As after a run that was killed before it told sshd.
    await shell(host, `cp ${dropIn} /run/copy; cat /run/copy > ${dropIn}`);
    expect((await plan(host)).text).toContain('sshd has not read it yet');
    await apply(host);
    await shell(host, `echo '# mine' >> ${dropIn}; echo >> /etc/ssh/jailctl/web`);
    const { text } = await plan(host);
    expect(text).toContain('rules for sshd: its text differs');
    expect(text).toContain('keys for web: its text differs');
    await apply(host);
    // Of a run that was killed.
    const cut = '/etc/ssh/.jailctl-new /etc/ssh/sshd_config.d/.jailctl-tried';
    await shell(host, `touch ${cut}; chmod 0666 /etc/ssh/jailctl/web`);
    expect((await plan(host)).text).toContain("must be root's, with mode 0644");
    await apply(host);
    await expectNothingToDo(host);
    expect(await host.run(['ls', ...cut.split(' ')])).toMatchObject({ stdout: '' });
    expect(await host.says('web1', 'id -un')).toBe('web1\n');
  });

  test('nobody gets in as long as sshd would do something else for jail users', async () => {
    await using host = await withLogins();
    await host.write(
      '/etc/ssh/sshd_config.d/00-admin.conf',
      'Match User web*\n  AuthorizedKeysFile .ssh/authorized_keys\n',
    );
    await writeManifest(host, jail([host.key]));
    const result = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
    expect(result).toMatchObject({ exitCode: 1 });
    expect(result.stderr).toContain('sshd would have "authorizedkeysfile .ssh/authorized_keys"');
    expect(await shell(host, 'getent passwd web1 || true')).toBe('');
    await shell(host, 'rm /etc/ssh/sshd_config.d/00-admin.conf');
    await apply(host);
    expect(await host.says('web1', 'id -un')).toBe('web1\n');
    // The administrator comes back.
    await host.write('/etc/ssh/sshd_config.d/00-admin.conf', 'Match User web1\nPermitTunnel yes\n');
    expect((await plan(host)).text).toContain('sshd has permittunnel yes for web1');
  });

  test('a run takes no user that nobody has named', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key]));
    await apply(host);
    await using session = host.startSsh('web1', ['--', held]);
    await session.printed('there');
    const unnamed = await host.jailctl(['exec', 'web', '--', 'id', '-un']);
    expect(unnamed).toMatchObject({ exitCode: 3, stdout: '' });
    expect(unnamed.stderr).toContain('hint: name a user, whose login may end: web/web2');
    expect(await host.jailctl(['exec', 'web/web2', '--', 'id', '-un'])).toMatchObject({
      exitCode: 0,
      stdout: 'web2\n',
    });
    expect(await processesOf(host, 'web1')).toContain('sleep');
  });

  test('a rehearsal makes them on a copy, and attacks the jail', async () => {
    await using host = await withLogins();
    await host.write('/srv/jails.yaml', `version: 1\n${jail([host.key])}`);
    const result = await host.jailctl(['rehearse', '--file', '/srv/jails.yaml']);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toMatch(/\+ keys for web[\s\S]*jail web holds/);
    expect(await shell(host, 'ls /etc/ssh/sshd_config.d')).toBe('');
  }, 120_000);

  test('tenants of two jails with logins are told of', async () => {
    await using host = await withLogins();
    await writeManifest(
      host,
      `root: /srv\ndefaults: { login: chroot, authorized_keys: ['${host.key}'] }
jails:\n  api: { users: 1, tools: [] }\n  web: { users: 1, tools: [] }\n`,
    );
    expect((await plan(host)).text).toContain('warning: tenants who log in to api and web can');
    const file = ['--file', manifestPath];
    const document = await printed(host, ['plan', ...file], { schema: 'plan' });
    const addresses = (document['changes'] as { address: string }[]).map(({ address }) => address);
    const logins = ['login/sshd', 'login/keys/api', 'login/keys/web'];
    expect(addresses.filter((address) => address.startsWith('login/'))).toEqual(logins);
    const applied = await events(host, ['apply', ...file]);
    expect(applied.filter(({ address }) => logins.includes(String(address)))).toHaveLength(3);
    // The key of one jail is none of the other's, and what sshd knows is of both.
    await host.jailctl(['destroy', '--yes', '--destroy-data', '--jail', 'api']);
    expect(await host.says('web1', 'echo in')).toBe('in\n');
    expect(await host.read(dropIn)).not.toContain('api');
    expect(await shell(host, 'ls /etc/ssh/jailctl')).toBe('web\n');
  });
});

describe('what is in the way of logins', () => {
  const waysOf = async (host: LoginHost) => {
    const planned = await host.jailctl(['plan', '--json', '--file', manifestPath]);
    const { conflicts = [], diagnostics = [] } = JSON.parse(planned.stdout);
    return [...conflicts, ...diagnostics].map(
      (one: { message: string; hint?: string }) => `${one.message} ${one.hint ?? ''}`,
    );
  };

  test('is a conflict, with the way out', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key]));
    const cases = [
      [
        `echo "# mine" > ${dropIn}`,
        /jailctl\.conf is in the way: a file that jailctl did not write/,
      ],
      ['sed -i /^Include/d /etc/ssh/sshd_config', /sshd does not read \/etc\/ssh\/sshd_config\.d/],
      [
        "sed -i -e /^Include/H -e //d -e '$ { p; s/.*/Match User bob/; G }' /etc/ssh/sshd_config",
        /sshd does not read \/etc\/ssh\/sshd_config\.d/,
      ],
      [
        'sed -i s,/usr/lib/openssh/sftp-server,internal-sftp, /etc/ssh/sshd_config',
        /sshd does sftp itself/,
      ],
      ["sed -i 's/UsePAM yes/UsePAM no/' /etc/ssh/sshd_config", /logins would have no limits/],
      ['echo Nonsense >> /etc/ssh/sshd_config', /does not take its configuration: .*Nonsense/],
      ['rmdir /run/sshd', /Missing privilege separation directory/],
      ['echo PidFile none >> /etc/ssh/sshd_config', /sshd has no PID file/],
      ['sed -i /pam_limits/d /etc/pam.d/sshd', /\/etc\/pam\.d\/sshd has no pam_limits\.so/],
      ['mkdir /etc/ssh/jailctl; echo > /etc/ssh/jailctl/web', /jailctl\/web is in the way/],
      ['mkdir -m 0777 /etc/ssh/jailctl', /only root can write to/],
    ] as const;
    await shell(host, 'mkdir /run/kept; cp -a /etc/ssh /etc/pam.d /run/kept');
    for (const [spoil, message] of cases) {
      await shell(host, spoil);
      const ways = await waysOf(host);
      expect(ways, spoil).toEqual([expect.stringMatching(message)]);
      await shell(
        host,
        'mkdir -p /run/sshd; rm -rf /etc/ssh/*; cp -a /run/kept/ssh/. /etc/ssh; cp -a /run/kept/pam.d/. /etc/pam.d',
      );
    }
    expect(await waysOf(host)).toEqual([]);
  });

  test('is a mistake of the manifest where the host lacks a program', async () => {
    await using host = await withLogins();
    await writeManifest(host, jail([host.key]));
    await shell(host, 'rm /usr/sbin/jk_chrootsh');
    const place = `${manifestPath}:7:12: jail "web" has login: chroot, and this host has no`;
    const first = await host.jailctl(['plan', '--file', manifestPath]);
    expect(first).toMatchObject({ exitCode: 3 });
    expect(first.stderr).toContain(`${place} /usr/sbin/jk_chrootsh`);
    expect(first.stderr).toContain('apt-get install jailkit');
    await shell(host, 'rm /usr/sbin/sshd');
    const second = await host.jailctl(['plan', '--file', manifestPath]);
    expect(second.stderr).toContain(`${place} sshd`);
    expect(second.stderr).toContain('apt-get install openssh-server');
  });
});
