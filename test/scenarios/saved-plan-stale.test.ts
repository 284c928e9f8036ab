import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jsonLines, stateOf } from './cli.ts';
import { apply, expectNothingToDo, manifestPath, shell, writeManifest } from './jails.ts';

const saved = '/run/plan.json';
const web = (more = '') => `jails:\n  web: { users: 2, tools: [ls]${more} }\n`;

/** Another network, and a tool more. */
const grown = web(', network: host').replace('[ls]', '[ls, tac]');

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host[Symbol.asyncDispose]());

const applySaved = (...args: string[]) => host.jailctl(['apply', saved, '--yes', ...args]);

/** A host with the jail as applied, and a saved plan that changes it. */
async function ready(after = grown, before = web()): Promise<void> {
  await writeManifest(host, before);
  await apply(host);
  await writeManifest(host, after);
  const result = await host.jailctl(['plan', '--file', manifestPath, '--out', saved]);
  expect(result.exitCode, result.stderr).toBe(0);
}

/** What was changed by hand is as it was; the saved plan stays, and is good again. */
async function heal(): Promise<void> {
  const wanted = await host.read(manifestPath);
  await writeManifest(host, web());
  await apply(host);
  await host.write(manifestPath, wanted);
}

describe('a saved plan is stale, and says why, when', () => {
  beforeAll(() => ready());

  test.for([
    [
      'a tool of the host is another',
      'touch --date=@1700000000 /usr/bin/ls',
      'tree/web/usr/bin/ls',
      /^ {4}-wanted file .*\n(.*\n)* {4}\+wanted file .*2023-11-14T22:13:20Z/m,
    ],
    [
      'a tool that is to be copied has another content, of the same size and time',
      'cp -p /usr/bin/tac /run/tac; echo x | dd of=/usr/bin/tac bs=1 count=1 seek=4000 conv=notrunc; touch --reference=/run/tac /usr/bin/tac',
      'tree/web/usr/bin/tac',
      /-wanted source changed at .*\n {4}\+wanted source changed at/,
    ],
    [
      'a file of the jail was changed',
      'chmod 0777 /web/usr/bin',
      'tree/web/usr/bin',
      /^ {4}\+found directory 0777/m,
    ],
    [
      'a file of the jail went',
      'rm /web/usr/bin/ls',
      'tree/web/usr/bin/ls',
      /^ {4}\+found nothing/m,
    ],
    [
      'a file came into the jail',
      'touch /web/usr/bin/new',
      'tree/web/usr/bin/new',
      /^ {4}\+found file/m,
    ],
    [
      'an account was changed',
      'usermod --shell /bin/sh web1',
      'account/web1',
      /^ {4}\+found passwd: web1:.*:\/bin\/sh/m,
    ],
    [
      'an account joined a group',
      'usermod --append --groups users web1',
      'account/web1',
      /\+found member of users/,
    ],
    [
      'a rule stands before the fence',
      'iptables -I OUTPUT -d 192.0.2.1 -j ACCEPT',
      'firewall/ipv4',
      /\+found -A OUTPUT -d 192\.0\.2\.1/,
    ],
    ['the rules are gone', 'ip6tables -D OUTPUT 1', 'firewall/ipv6', /-found -A OUTPUT/],
    [
      'the settings of the jail are others',
      'sed -i \'s/"openFiles": [0-9]*/"openFiles": 9/\' /web/.jailctl/settings.json',
      'jail/web',
      /\+found {5}"openFiles": 9/,
    ],
    [
      'the limits of logins were changed',
      'echo >>/etc/security/limits.d/jailctl.conf',
      'limits/logins',
      /\+found/,
    ],
    [
      'the next UID is another',
      'sed -i \'s/"next_uid": .*/"next_uid": 71000/\' /var/lib/jailctl/pool.json',
      'limits/pool',
      /\+wanted pool .* next UID 71000/,
    ],
    [
      'something is mounted in the jail',
      'mkdir /web/usr/bin/m; mount -t tmpfs none /web/usr/bin/m',
      'tree/web/',
      /\+found a file system is mounted/,
    ],
  ] as const)('%s', async ([, harm, address, diff]) => {
    await shell(host, harm);
    const before = await stateOf(host);
    const result = await applySaved();
    expect(result, result.stderr).toMatchObject({ exitCode: 8, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^${address}$`, 'm'));
    expect(result.stderr).toMatch(diff);
    expect(result.stderr).toMatch(/is stale, so nothing was changed: \d+ facts? moved/);
    expect(result.stderr).toContain(`hint: look at a new one: jailctl plan --out ${saved}`);
    expect(await stateOf(host)).toEqual(before);
    await shell(host, 'if test -e /web/usr/bin/m; then umount /web/usr/bin/m; fi');
    await heal();
  });

  test.for([
    [
      'the manifest was edited',
      `echo '# a word' >>${manifestPath}`,
      /the manifest .*jails.yaml was edited/,
    ],
    ['a requirement file was edited', 'echo cat >>/run/tools.txt', /requirement files were edited/],
  ] as const)('%s', async ([, edit, why]) => {
    await host.write('/run/tools.txt', 'sh\n');
    await ready('jails:\n  web: { users: 2, requirements: [tools.txt] }\n');
    await shell(host, edit);
    const before = await stateOf(host);
    expect(await applySaved()).toMatchObject({ exitCode: 8, stdout: '', stderr: why });
    expect(await stateOf(host)).toEqual(before);
  });

  test('an empty home that would be deleted has data now', async () => {
    await ready('jails:\n  web: { users: 1, tools: [ls] }\n');
    await shell(host, 'echo data >/web/home/web2/file');
    const result = await applySaved('--destroy-data');
    expect(result).toMatchObject({ exitCode: 8, stderr: /\+found a home with data/ });
    expect(await host.read('/web/home/web2/file')).toBe('data\n');
  });

  test('another version of jailctl made it', async () => {
    await ready();
    const { digest: _, ...plan } = JSON.parse(await host.read(saved));
    const older = { ...plan, jailctl_version: '0.0.1' };
    const digest = createHash('sha256').update(JSON.stringify(older)).digest('hex');
    await host.write(saved, JSON.stringify({ ...older, digest }));
    expect(await applySaved()).toMatchObject({ exitCode: 8, stderr: /jailctl 0\.0\.1 made it/ });
  });

  test('--json tells the same in one document', async () => {
    await ready();
    await shell(host, 'chmod 0777 /web/usr/bin');
    const result = await applySaved('--json');
    expect(result).toMatchObject({ exitCode: 8, stderr: '' });
    const [error, ...more] = jsonLines(result.stdout);
    expect(more).toEqual([]);
    expectValid('error', error as never);
    expect(error).toMatchObject({
      exit_code: 8,
      diagnostics: [
        {
          code: 'moved',
          message: 'tree/web/usr/bin was: found as wanted; is: found directory 0777',
        },
      ],
    });
  });
});

describe('a saved plan is not stale when', () => {
  test.for([
    ['a foreign user comes', 'useradd --uid 5555 stranger'],
    [
      'a foreign packet rule comes',
      'iptables -A OUTPUT -d 192.0.2.9 -j ACCEPT; iptables -A INPUT -j ACCEPT',
    ],
    ['a file comes elsewhere', 'touch /opt/file'],
    ['a tenant writes into its home', 'echo data >/web/home/web1/file; chmod 0711 /web/home/web1'],
    ['somebody joins a foreign group', 'usermod --append --groups users nobody'],
    [
      'the file that a tool was copied from changed in nothing but its time of change',
      'chmod 0755 /usr/bin/ls',
    ],
  ] as const)('%s', async ([, change]) => {
    await ready();
    await shell(host, change);
    const result = await applySaved();
    expect(result.exitCode, result.stderr).toBe(0);
    await expectNothingToDo(host);
  });
});
