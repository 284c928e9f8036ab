import { describe, expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import { apply, destroy, expectNothingToDo, manifestPath, shell, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;
const web = 'jails:\n  web: { users: 2, tools: [ls] }\n';

/** Each in a line: what is there before, as shell text, and what the plan says about it. */
const obstacles: readonly [string, string, RegExp][] = [
  ['an account', 'useradd --no-create-home web1', /^! .*\bweb1\b/m],
  ['a group', 'groupadd web2', /^! .*\bweb2\b/m],
  ['a directory', 'mkdir /web; echo mine >/web/file', /^! \/web is in the way: a directory/m],
  ['a file', 'echo mine >/web', /^! \/web is in the way: a file/m],
  ['a symlink', 'mkdir /srv/web; ln -s /srv/web /web', /^! \/web is in the way: a symlink/m],
  ['a broken symlink', 'ln -s /nowhere /web', /^! \/web is in the way: a symlink/m],
  ['a fifo', 'mkfifo /web', /^! \/web is in the way: a fifo/m],
  [
    'a mount point',
    'mkdir /web; mount -t tmpfs tmpfs /web',
    /^! \/web is in the way: a directory/m,
  ],
  [
    'a file of login limits',
    'echo "* hard nproc 5" >/etc/security/limits.d/jailctl.conf',
    /^! .*\/etc\/security\/limits\.d\/jailctl\.conf/m,
  ],
  [
    'a directory in the place of that file',
    'mkdir /etc/security/limits.d/jailctl.conf',
    /^! \S+jailctl\.conf is in the way: a directory that jailctl did not write \(UID 0, root\)$/m,
  ],
  [
    'a chain of the same name',
    'iptables -N JAILCTL; iptables -A JAILCTL -j RETURN; iptables -A INPUT -j JAILCTL',
    /^! a chain JAILCTL of iptables is in the way: none of its 1 rule has jailctl's comment$/m,
  ],
  [
    'a chain of the same name for IPv6',
    'ip6tables -N JAILCTL; ip6tables -A OUTPUT -m comment --comment "not jailctl" -j JAILCTL',
    /^! a chain JAILCTL of ip6tables is in the way: none of its 0 rules has jailctl's comment$/m,
  ],
];

/** Each in a line: what is there before, as shell text, and whose the plan says that it is. */
const owners: readonly [string, string, string][] = [
  [
    'an account',
    "useradd --no-create-home --uid 1234 --comment 'Web Master' --home-dir /srv/w web1",
    '! web1 is in /etc/passwd and /etc/group and /etc/shadow and /etc/gshadow, and jailctl did not make it (UID 1234, Web Master, home /srv/w)',
  ],
  [
    'a directory of an account',
    'useradd --uid 1235 bob; install -d -o bob /web',
    '! /web is in the way: a directory that jailctl did not make (UID 1235, bob)',
  ],
  [
    'a file of an account that is gone',
    'touch /web; chown 4321 /web',
    '! /web is in the way: a file that jailctl did not make (UID 4321, which has no account)',
  ],
  [
    'a jail of Jailkit, with those who live in it',
    `mkdir -p /web/etc/jailkit /web/home/ann
     for user in ann bob cid dan; do useradd --home-dir /web/./home/$user $user; done
     useradd --home-dir /website/eve eve`,
    '! /web is in the way: a directory that jailctl did not make (UID 0, root; made by Jailkit: it has etc/jailkit; home of ann, bob, cid, and 1 more)',
  ],
  [
    'a directory of a package',
    `mkdir -p /web; echo /web >>"$(ls /var/lib/dpkg/info/bash.list)"`,
    '! /web is in the way: a directory that jailctl did not make (UID 0, root; package bash)',
  ],
];

describe('what stands in the way and is not ours', () => {
  test.for(obstacles)('is shown with ways out, and never touched: %s', async ([, setup, shows]) => {
    await using host = await testHost();
    await shell(host, setup);
    await writeManifest(host, web);
    const plan = await host.jailctl(['plan', ...file]);
    const before = await stateOf(host);
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect(plan.stdout).toMatch(shows);
    expect(plan.stdout).toMatch(/^ {4}→ .+$/m);
    expect(plan.stdout).toContain('1 in the way, so nothing can be applied');
    expect(await host.jailctl(['plan', '--detailed-exitcode', ...file])).toMatchObject({
      exitCode: 2,
    });

    const applied = await host.jailctl(['apply', '--yes', ...file]);
    expect(applied.exitCode).toBe(4);
    expect(applied.stdout).toMatch(shows);
    expect(applied.stderr).toMatch(/^jailctl: 1 conflict, so nothing was changed\n {2}hint: .+\n$/);
    expect(await stateOf(host)).toEqual(before);

    // Nothing of it is jailctl's, so destroy has nothing to do.
    await destroy(host);
    expect(await stateOf(host)).toEqual(before);
  });

  test.for(owners)('is shown with its likely owner: %s', async ([, setup, shows]) => {
    await using host = await testHost();
    await shell(host, setup);
    await writeManifest(host, web);
    const { stdout } = await host.jailctl(['plan', ...file]);
    expect(stdout.split('\n')).toContain(shows);
    const before = await stateOf(host);
    expect(await host.jailctl(['apply', '--yes', ...file])).toMatchObject({ exitCode: 4 });
    expect(await stateOf(host)).toEqual(before);
  });

  test('is shown for all at once', async () => {
    await using host = await testHost();
    await shell(
      host,
      'useradd --no-create-home web1; mkdir /web; echo >/etc/security/limits.d/jailctl.conf',
    );
    await writeManifest(host, web);
    const { stdout, stderr } = await host.jailctl(['apply', '--yes', ...file]);
    expect(stdout.match(/^! /gm)).toHaveLength(3);
    expect(stderr).toContain('3 conflicts, so nothing was changed');
  });

  test('is a mount within a jail of ours: nothing is removed through it', async () => {
    await using host = await testHost();
    await writeManifest(host, web);
    await apply(host);
    await shell(
      host,
      'mkdir /srv/data; echo mine >/srv/data/file; mount --bind /srv/data /web/home/web1',
    );
    const before = await stateOf(host);
    const { exitCode, stdout } = await host.jailctl(['destroy', '--yes', '--destroy-data']);
    expect(exitCode).toBe(4);
    expect(stdout).toContain('! a file system is mounted in the jail: /web/home/web1');
    expect(stdout).toContain('→ unmount it: umount -- /web/home/web1');
    expect(await stateOf(host)).toEqual(before);
    await shell(host, 'umount -- /web/home/web1');
    await destroy(host);
    expect(await host.read('/srv/data/file')).toBe('mine\n');
  });
});

describe('a place for jails that is not root’s alone', () => {
  test.for([
    ['belongs to a user', 'chown 1000 /srv/jails', '/srv/jails belongs to UID 1000, not to root'],
    ['everybody can write to', 'chmod 0777 /srv/jails', 'others than root can write to /srv/jails'],
    ['everybody can write to, sticky', 'chmod 1777 /srv/jails', 'others than root can write to'],
    ['a group can write to', 'chmod 0775 /srv/jails', 'others than root can write to /srv/jails'],
    ['is a symlink', 'rmdir /srv/jails; ln -s /tmp /srv/jails', '/srv/jails is not a directory'],
    ['does not exist', 'rmdir /srv/jails', '/srv/jails does not exist'],
    ['lies below one of a user', 'chown 1000 /srv', '/srv belongs to UID 1000'],
  ])('is refused: one that %s', async ([, setup = '', message = '']) => {
    await using host = await testHost();
    await shell(host, `mkdir /srv/jails; ${setup}`);
    await writeManifest(host, `root: /srv/jails\n${web}`);
    const plan = await host.jailctl(['plan', ...file]);
    expect(plan.stdout).toContain(`! the place for /srv/jails/web is not safe: ${message}`);
    const before = await stateOf(host);
    expect(await host.jailctl(['apply', '--yes', ...file])).toMatchObject({ exitCode: 4 });
    expect(await stateOf(host)).toEqual(before);
  });
});

describe('the pool of UIDs', () => {
  test.for([
    ['an account', 'useradd --no-create-home --uid 70005 bob', 'the account bob (70005)'],
    ['a group', 'groupadd --gid 70006 staff2', 'the group staff2 (70006)'],
  ])('that holds %s of others is an error with its place', async ([, setup = '', message = '']) => {
    await using host = await testHost();
    await shell(host, setup);
    await writeManifest(host, `uids: 70000-70999\n${web}`);
    const before = await stateOf(host);
    for (const args of [['plan'], ['apply', '--yes'], ['validate']]) {
      const result = await host.jailctl([...args, ...file]);
      expect(result).toMatchObject({ exitCode: 3, stdout: '' });
      expect(result.stderr).toMatch(/^\/run\/jails\.yaml:2:7: the pool 70000-70999 holds /);
      expect(result.stderr).toContain(message);
    }
    expect(await stateOf(host)).toEqual(before);
  });
});

test('what the manifest does not name any more is planned for deletion, and nothing else', async () => {
  await using host = await testHost();
  await writeManifest(host, `${web}  api: { users: 1, tools: [] }\n`);
  await apply(host);
  // As much as can be like a jail of jailctl's, and is none.
  await shell(
    host,
    `useradd --uid 1500 --no-create-home --comment 'jailctl jail old' --home-dir /home/old1 old1
     mkdir -p /old/home/old1 /old/.jailctl; echo mine >/old/home/old1/file; chown -R old1: /old/home/old1
     useradd --no-create-home web3; cp -a /web /web-copy`,
  );
  const before = await stateOf(host);
  await writeManifest(host, 'jails:\n  api: { users: 1, tools: [] }\n');
  const { stdout } = await host.jailctl(['plan', '--json', ...file]);
  const changes: readonly { address: string; action: string }[] = JSON.parse(stdout).changes;
  const deleted = changes.filter(({ action }) => action === 'delete').map(({ address }) => address);
  expect(deleted.sort()).toEqual([
    'account/web1',
    'account/web2',
    'jail/web',
    'tree/web/home/web1',
    'tree/web/home/web2',
  ]);
  await apply(host);
  const after = await stateOf(host);
  const ours = ({ path }: { path: string }) =>
    !/^\/web(\/|$)|^\/etc\/|^\/var\/lib\/jailctl/.test(path);
  expect(after.changed.filter(ours)).toEqual(before.changed.filter(ours));
  const others = (text = '') => text.split('\n').filter((line) => !/^web[12]:/.test(line));
  for (const [path, text] of Object.entries(before.accounts)) {
    expect(others(after.accounts[path]), path).toEqual(others(text));
  }
});

test('what is foreign survives apply and destroy, byte for byte', async () => {
  await using host = await testHost();
  await shell(
    host,
    `useradd --uid 1500 --no-create-home --comment 'jailctl jails are nice' webmaster
    groupadd --users webmaster webs
    mkdir -p /other/.jailctl /other/usr/bin; echo x >/other/usr/bin/ls
    echo '* soft core 0' >/etc/security/limits.d/mine.conf
    for t in iptables ip6tables; do
      $t -N FOREIGN; $t -A FOREIGN -m comment --comment "it's \\"mine\\"" -j RETURN
      $t -A OUTPUT -m owner --uid-owner 1500 -j FOREIGN
      $t -A OUTPUT -p tcp --dport 25 -j DROP
      $t -t mangle -A OUTPUT -j RETURN
    done`,
  );
  const before = await stateOf(host);
  await writeManifest(host, web);
  await apply(host);
  const during = await stateOf(host);
  for (const [path, text] of Object.entries(before.accounts)) {
    const now = during.accounts[path]?.split('\n') ?? [];
    expect(now, path).toEqual(expect.arrayContaining(text.split('\n')));
  }
  const comment = /^-A FOREIGN -m comment --comment "it\\?'s \\"mine\\"" -j RETURN$/m;
  expect(during.rules.ipv4).toMatch(comment);
  expect(during.rules.ipv6).toMatch(comment);
  expect(during.changed).toEqual(
    expect.arrayContaining(
      before.changed.filter(({ path }) => !/^\/etc\/(passwd|group|g?shadow)$/.test(path)),
    ),
  );
  await expectNothingToDo(host);
  await destroy(host);
  expect(await stateOf(host)).toEqual(before);
});
