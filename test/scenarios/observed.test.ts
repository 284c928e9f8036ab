import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody } from './cli.ts';
import { apply, manifestPath, shell, writeManifest } from './jails.ts';

const observation = '/run/host.json';
const file = ['--file', manifestPath] as const;
const lists = '/opt/jailctl/requirements';
const jails = (py = '', web = '') => `jails:
  py: { users: 2, requirements: [${lists}/python3.txt], archive: /var/homes${py} }
  web: { users: 2, tools: [ls, sh], env: { TOKEN: hunter2 }${web} }
`;

/** The one that is observed, and one without jails and Python, where nobody is root. */
let host: TestHost;
let elsewhere: TestHost;
beforeAll(async () => {
  [host, elsewhere] = await Promise.all([testHost(), testHost()]);
  await Promise.all([installForEverybody(host), installForEverybody(elsewhere)]);
  await elsewhere.ok(['sh', '-c', 'rm -r /usr/lib/python3* /usr/bin/python3* /usr/bin/ls']);
  await writeManifest(host, jails());
  await apply(host);
  await shell(
    host,
    `echo data >/web/home/web1/file; echo data >/py/home/py2/file; mkdir /var/homes
     chmod 0777 /web/usr/bin; setfacl -m u:1:r /web/etc/passwd /py/etc/group
     touch /py/usr/bin/planted; chmod u+s /py/usr/bin/planted
     sed -i 's/"next_uid": .*/"next_uid": 90000/' /var/lib/jailctl/pool.json
     iptables -I OUTPUT -d 192.0.2.1 -j ACCEPT; touch --date=@1700000000 /usr/bin/ls
     find /web/usr -name libc.so.6 -exec chmod u+r {} ';' # which py shares: it is read, once
     usermod --append --groups users py1; echo broken >>/py/etc/passwd
     useradd --password '$6$SALTSALT$HASHHASHHASH' stranger; mkdir /srv/taken
     printf '%s\\n' web1:correct-horse py2:battery | chpasswd
     sed -i 's/^web2:!\\*:/web2:!:$6$SALTSALT$HASHHASHHASH/' /etc/shadow
     groupadd secret; sed -i 's/^secret:!:/secret:$6$SALTSALT$HASHHASHHASH:/' /etc/gshadow`,
  );
  await host.ok([
    process.execPath,
    '/opt/jailctl/dist/jailctl.js',
    'observe',
    ...file,
    '--out',
    observation,
  ]);
});
afterAll(() => Promise.all([host[Symbol.asyncDispose](), elsewhere[Symbol.asyncDispose]()]));

/** Takes the manifest and the observation to the other host, for nobody. */
async function carry(): Promise<void> {
  for (const path of [manifestPath, observation]) {
    await elsewhere.write(path, await host.read(path));
  }
}

const planHere = (...args: string[]) =>
  host.run([process.execPath, '/opt/jailctl/dist/jailctl.js', 'plan', ...file, ...args]);
const planElsewhere = (...args: string[]) =>
  asNobody(elsewhere, ['plan', ...file, '--observed', observation, ...args]);

async function expectSame(...args: string[]): Promise<string> {
  await carry();
  const here = await planHere(...args);
  const there = await planElsewhere(...args);
  expect(there.exitCode, there.stderr).toBe(here.exitCode);
  expect(there.stdout).toBe(here.stdout);
  // A mistake in the manifest that only a look at the host shows.
  if (here.exitCode === 3) expect(there.stderr).toBe(here.stderr);
  return there.stdout;
}

describe('a plan of an observed host', () => {
  test.for([
    [[]],
    [['--json']],
    [['--detailed-exitcode']],
    [['--jail', 'web']],
    [['--jail', 'py', '--json']],
    [['--no-archive']],
  ] as const)('is the same, byte for byte, without root and elsewhere: %j', async ([args]) => {
    await writeManifest(host, jails());
    const shown = await expectSame(...args);
    expect(shown).toMatch(/python|usr\/bin/);
  });

  test.for([
    [
      'more users, of UIDs that others had before',
      jails('', '').replace('py: { users: 2', 'py: { users: 5'),
    ],
    ['fewer users', jails().replaceAll('users: 2', 'users: 1')],
    ['no users', jails().replaceAll('users: 2', 'users: 0')],
    ['other limits', jails(', limits: { memory: 1GiB, processes: 3 }')],
    [
      'another network',
      jails(', network: host', ', network: { allow: [{ to: 10.0.0.5, port: 80 }] }'),
    ],
    [
      'another engine, environment and protection',
      jails(', engine: crun, protect: true', ', home: fresh'),
    ],
    ['fewer tools', jails().replace('tools: [ls, sh]', 'tools: [ls]')],
    ['a jail fewer', jails().replace(/ {2}web.*\n/, '')],
    ['another jail fewer, whose files were read', jails().replace(/ {2}py.*\n/, '')],
    ['no jail', 'jails: {}\n'],
    ['a pool that others are in', `uids: 1000-1100\n${jails()}`],
  ] as const)('is the same for a manifest that has %s', async ([, text]) => {
    await writeManifest(host, text);
    await expectSame();
    await expectSame('--json');
  });

  test('that a conflict is in the way of is the same', async () => {
    await writeManifest(host, jails());
    await shell(host, 'mkdir /web/usr/bin/m; mount -t tmpfs none /web/usr/bin/m');
    await host.ok([
      process.execPath,
      '/opt/jailctl/dist/jailctl.js',
      'observe',
      ...file,
      '--out',
      observation,
    ]);
    expect(await expectSame()).toMatch(/1 in the way, so nothing can be applied/);
    await shell(host, 'umount /web/usr/bin/m; rmdir /web/usr/bin/m');
    await host.ok([
      process.execPath,
      '/opt/jailctl/dist/jailctl.js',
      'observe',
      ...file,
      '--out',
      observation,
    ]);
  });
});

describe('what was not observed', () => {
  test.for([
    ['a tool', jails().replace('[ls, sh]', '[ls, sh, grep]'), 'the command grep'],
    ['a path', jails().replace('[ls, sh]', '[ls, sh, /usr/bin/env]'), '/usr/bin/env'],
    [
      'a place for homes',
      jails('', ', archive: /opt/homes').replaceAll('users: 2', 'users: 0'),
      '/opt/homes',
    ],
    ['a jail', `${jails()}  other: { users: 1, tools: [ls] }\n`, '/other/.jailctl'],
  ] as const)('%s: the plan says so, and does not take it for missing', async ([, text, what]) => {
    await writeManifest(host, text);
    await carry();
    const result = await planElsewhere();
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toBe(
      `jailctl: ${observation} does not tell about ${what}, which this manifest asks for\n` +
        `  hint: observe the host again, with this manifest: jailctl observe --out ${observation}\n`,
    );
    const json = await planElsewhere('--json');
    expect(json).toMatchObject({ exitCode: 3, stderr: '' });
    expectValid('error', JSON.parse(json.stdout));
  });
});

describe('an observation', () => {
  test('is a small file of root alone, with no password and no hash', async () => {
    expect(await host.ok(['stat', '--format=%a %U', observation])).toBe('600 root\n');
    const text = await host.read(observation);
    const document = JSON.parse(text);
    expectValid('observation', document);
    expect(text.length).toBeLessThan(3_000_000);
    expect(text).not.toMatch(/SALTSALT|HASHHASH|correct-horse/);
    const hashes = await shell(host, 'cut -d : -f 2 /etc/shadow /etc/gshadow | grep [$]');
    for (const hash of hashes.trim().split('\n')) {
      const parts = hash.split('$').filter((part) => part.length > 6);
      for (const part of parts) expect(text).not.toContain(part);
    }
    expect(document.texts['/etc/shadow']).toMatch(/^stranger:\(not shown\):/m);
    expect(document.texts).not.toHaveProperty([manifestPath]);
  });

  test.for([
    ['cut', `truncate --size=-40 ${observation}`, /is cut off: it ends at line 1, column \d+/],
    ['of another kind', `echo '{}' >${observation}`, /is not an observation of a host by jailctl/],
    [
      'of a newer form',
      `sed -i 's/"format_version":"1.0"/"format_version":"2.0"/' ${observation}`,
      /has the form "2.0"/,
    ],
    [
      'of wrong types',
      `sed -i 's/"links":{/"links":{"x":1,/' ${observation}`,
      /is damaged: "\/links\/x" must be string/,
    ],
    [
      'packed badly',
      `sed -i -E 's/"0[+]4096":"[^"]*"/"0+4096":"!!"/' ${observation}`,
      /can not be unpacked/,
    ],
    ['missing', `rm ${observation}`, /can't be read/],
  ] as const)('that is no good one is refused: %s', async ([, harm, why]) => {
    await writeManifest(host, jails());
    await carry();
    await elsewhere.ok(['sh', '-c', harm]);
    expect(await planElsewhere()).toMatchObject({ exitCode: 3, stdout: '', stderr: why });
  });

  test('is made by root, of a manifest that this host can have', async () => {
    const denied = await asNobody(host, ['observe', ...file, '--out', '/tmp/host.json']);
    expect(denied).toMatchObject({ exitCode: 7, stderr: /observe has to see everything/ });
    await writeManifest(host, 'jails:\n  web: { tools: [no-such-tool] }\n');
    const bad = await host.jailctl(['observe', ...file, '--out', '/run/other.json']);
    expect(bad).toMatchObject({ exitCode: 3, stderr: /no-such-tool/ });
    expect((await host.run(['test', '-e', '/run/other.json'])).exitCode).toBe(1);
  });

  test('is planned for, and not saved: another host would apply that', async () => {
    const result = await planElsewhere('--out', '/tmp/plan.json');
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toMatch(/cannot be used with/);
  });
});
