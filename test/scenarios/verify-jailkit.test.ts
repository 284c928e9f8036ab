import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { provision } from './exec-jail.ts';
import { linesOf, verdictsOf, verifyDocument } from './verify-document.ts';

const shell = (host: TestHost, script: string) => host.ok(['sh', '-e', '-c', script]);

describe("jk_check on a jail of jailctl's", () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await provision(
      host,
      `jails:\n  jail:\n    users: 2\n    requirements: [${requirement('python3')}]\n    tools: [ls]\n`,
    );
    // Files of /etc that are the jail's own; localtime is a symlink on the host, and a file here.
    const names = ['passwd', 'group', 'nsswitch.conf', 'ld.so.cache', 'localtime'];
    const own = names.map((name) => `/etc/${name}`);
    await host.write(
      '/etc/jailkit/jk_check.ini',
      `[/srv/jail]\nignorepatheverywhere = /srv/jail/.jailctl\nignorepathoncompare = ${own
        .map((path) => `/srv/jail${path}`)
        .join(', ')}\n`,
    );
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  /**
   * What it complains of. It also prints the target and the path of each symlink that it comes by
   * (`usr/bin/srv/jail/bin`), which was left in by its authors.
   */
  const complaints = async () => {
    const { exitCode, stdout, stderr } = await host.run(['jk_check']);
    expect(exitCode).toBe(0);
    const lines = `${stdout}${stderr}`.split('\n').filter(Boolean);
    return lines.filter((line) => !/^usr\/\w+\/srv\/jail\/\w+$/.test(line)).sort();
  };

  // It wants `/srv/jail/./home/jail1` as home in the host's passwd; of users with such a home it then
  // wants jk_chrootsh as shell, by which they could log in.
  const homes = [1, 2].map(
    (number) =>
      `ERROR: the real homedir and jail homedir for user jail${number} do not correspond in jail /srv/jail/`,
  );

  test("finds nothing but that its users have no login shell of Jailkit's", async () => {
    expect(await complaints()).toEqual(homes);
  });

  test('finds what was made wrong: so it did look', async () => {
    await shell(
      host,
      `cp /bin/ls /srv/jail/usr/bin/own && chmod 4755 /srv/jail/usr/bin/own
      chmod o+w /srv/jail/usr/lib
      printf x >>/srv/jail/usr/bin/ls`,
    );
    const found = (await complaints()).filter((line) => !homes.includes(line)).join('\n');
    expect(found).toContain('/srv/jail/usr/bin/own is executable for others and setuid root!!');
    expect(found).toContain('/srv/jail/usr/lib/ is writable for others!');
    expect(found).toContain('/srv/jail/usr/bin/ls and /usr/bin/ls have a different size!');
  });
});

/** A jail made by hand with Jailkit, in which alice lives. */
const byHand = `
jk_init -j /srv/old basicshell >/dev/null
useradd --create-home alice
jk_jailuser --move --jail=/srv/old --shell=/bin/bash alice
echo precious >/srv/old/home/alice/work
chown alice: /srv/old/home/alice/work
mkdir -m 1777 /srv/old/tmp
mkdir /srv/old/proc /srv/old/dev
touch -d '2001-02-03 04:05:06.123456789' /srv/old /srv/old/home /srv/old/home/alice`;

/** Everything about it but access times and those of inodes, which nobody can set back. */
const tree = `cd /srv/old && find . -printf '%p %y %m %U:%G %n %l %s %T@\\n' | sort &&
  find . -type f -exec sha256sum {} + | sort`;

describe('verify on a jail made by hand with Jailkit', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await shell(host, byHand);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  const verify = (...args: readonly string[]) =>
    host.jailctl(['verify', '--path', '/srv/old', '--user', 'alice', ...args], {
      timeoutMs: 120_000,
    });
  const state = async () => ({
    ...(await host.snapshot()),
    tree: await shell(host, tree),
    run: await shell(host, 'find /run -path /run/jailctl-throwaway -prune -o -print | sort'),
    of_alice: await shell(host, 'ps -u alice -o pid= || true'),
  });

  test.for([
    ['chroot', []],
    ['runc', ['--engine', 'runc', '--only', 'files,privilege']],
  ] as const)('by %s changes nothing of it', { timeout: 180_000 }, async ([engine, options]) => {
    const before = await state();
    const ended = await verify('--json', ...options);
    const { jails } = verifyDocument(ended);
    expect(jails).toMatchObject([
      { jail: 'old', path: '/srv/old', engine, made_by_jailctl: false },
    ]);
    expect(linesOf(verdictsOf(ended), ({ went_wrong }) => went_wrong)).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('shows what plain chroot leaves open', { timeout: 120_000 }, async () => {
    const verdicts = verdictsOf(
      await verify('--json', '--only', 'processes,network/abstract-host'),
    );
    const open = linesOf(verdicts, ({ verdict }) => ['failed', 'known_weakness'].includes(verdict));
    for (const id of [
      'processes/kill-outside',
      'processes/trace-outside',
      'network/abstract-host',
    ]) {
      expect(open).toContainEqual(expect.stringMatching(`^${id} `));
    }
  });

  test('turns red for what is wrong with its tree', { timeout: 120_000 }, async () => {
    await shell(
      host,
      'cp /bin/bash /srv/old/usr/bin/root-shell && chmod 4755 /srv/old/usr/bin/root-shell',
    );
    const ended = await verify('--json', '--only', 'files');
    await shell(host, 'rm /srv/old/usr/bin/root-shell');
    const failed = linesOf(verdictsOf(ended), ({ verdict }) => verdict === 'failed');
    expect(failed.join('\n')).toContain('root-shell');
    expect(ended.exitCode).toBe(6);
  });

  test('warns of what it does to the account, on stderr, before it begins', async () => {
    const { stderr } = await verify('--only', 'leaks/host-name');
    expect(stderr).toMatch(
      /^jailctl: warning: verify ends the processes of alice, and removes their IPC/,
    );
  });
});

describe('verify refuses', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(
      host,
      `useradd --create-home alice && useradd --gid users bob
      useradd carol && useradd --non-unique --uid "$(id -u carol)" --gid "$(id -g carol)" twin
      mkdir -p /srv/old/home/alice /srv/old/home/bob /srv/old/home/carol /srv/old/home/root
      ln -s old /srv/link && touch /srv/file && mkdir -p /srv/led && ln -s /home /srv/led/home
      mkdir -p /srv/bare/home/alice /srv/bare/proc /srv/bare/dev`,
    );
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test.for([
    ['a symlink', '/srv/link', 'alice', [], '/srv/link is not the directory of a jail'],
    ['a file', '/srv/file', 'alice', [], '/srv/file is not the directory of a jail'],
    ['the host itself', '/', 'alice', [], '/ is not the directory of a jail'],
    ['the host itself, in a roundabout way', '/srv/..', 'alice', [], '/ is not the directory'],
    ['what is not there', '/srv/none', 'alice', [], '/srv/none is not the directory of a jail'],
    [
      'a home that is not there',
      '/srv/old',
      'daemon',
      [],
      '/srv/old has no directory /home/daemon',
    ],
    ["homes that are the host's", '/srv/led', 'alice', [], '/srv/led has no directory /home'],
    ['an unknown user', '/srv/old', 'nobody-at-all', [], 'this host has no user nobody-at-all'],
    ['a UID', '/srv/old', '1000:', [], '"1000:" is no name of an account'],
    ['a path as user', '/srv/old', '../old', [], '"../old" is no name of an account'],
    ['root', '/srv/old', 'root', [], 'root is root'],
    ['a shared group', '/srv/old', 'bob', [], 'the group of bob is 100, and its UID'],
    ['a shared UID', '/srv/old', 'carol', [], 'carol and twin have the same UID'],
    [
      'a tree that a runtime would change',
      ...(['/srv/bare', 'alice', ['--engine', 'runc']] as const),
      '/srv/bare has no directory /tmp, and runc would make it',
    ],
  ] as const)('%s', async ([, path, user, options, message]) => {
    const before = await shell(host, 'find /srv | sort');
    const ended = await host.jailctl(['verify', '--path', path, '--user', user, ...options]);
    expect(ended).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(message) });
    expect(ended.stderr).toContain('hint: ');
    expect(await shell(host, 'find /srv | sort')).toBe(before);
  });

  test.for([
    ['--path', '/srv/old'],
    ['--user', 'alice'],
  ])('%s alone', async (args) => {
    const ended = await host.jailctl(['verify', ...args]);
    expect(ended).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('go together') });
  });
});
