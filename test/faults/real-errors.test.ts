import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { enter } from '../rig/ledger.ts';
import { jailctlPath, stateOf } from '../scenarios/cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from '../scenarios/jails.ts';
import { injection } from './harness.ts';
import { unclear } from './said.ts';

const jails = `root: /srv/jails
uids: 78000-78099
jails:
  web: { users: 2, tools: [sh] }
  judge: { users: 1, tools: [ls] }
`;

const applying = ['apply', '--yes', '--file', manifestPath];

/** Something on the host that does not work, and how it is mended. */
interface Trouble {
  readonly with: string;
  /** Shell text. */
  readonly make: string;
  readonly mend: string;
  /** What is left to undo after the jails are gone. */
  readonly undo?: string;
  /** One of these reasons is told. */
  readonly reasons: readonly string[];
  /** What could not be done, and to what. */
  readonly says: RegExp;
  /** What is left, and so has not been begun. */
  readonly left: RegExp;
}

const tmpfs = 'mount -t tmpfs -o mode=0755';

/** A program that takes the place of one of the host's. */
const failing = (name: string, complaint: string) =>
  `printf '#!/bin/sh\\necho "${complaint}" >&2; exit 1\\n' >/usr/local/sbin/${name}
   chmod 0755 /usr/local/sbin/${name}`;

const troubles: readonly Trouble[] = [
  {
    with: 'a file system that is full',
    make: `${tmpfs},size=1m tmpfs /srv/jails`,
    mend: 'mount -o remount,size=100m /srv/jails',
    undo: 'umount /srv/jails',
    reasons: ['ENOSPC: no space left on device'],
    says: /tree of judge: .*: can't copy \/\S+ to \/srv\/jails\/judge\/\S+\n/,
    left: /left: {2}tree of web: /,
  },
  {
    with: 'a file system without free inodes',
    make: `${tmpfs},nr_inodes=30 tmpfs /srv/jails`,
    mend: 'mount -o remount,nr_inodes=10000 /srv/jails',
    undo: 'umount /srv/jails',
    reasons: ['ENOSPC: no space left on device', 'No space left on device'],
    says: /tree of judge: .*: can't \w+ \S+/,
    left: /left: {2}tree of web: /,
  },
  {
    with: 'a place for jails that is read-only',
    make: `${tmpfs} tmpfs /srv/jails; mount -o remount,ro /srv/jails`,
    mend: 'mount -o remount,rw /srv/jails',
    undo: 'umount /srv/jails',
    reasons: ['EROFS: read-only file system'],
    says: /jails: 2 to create: can't makeDirectory \/srv\/jails\/\.jailctl-judge\n/,
    left: /left: {2}accounts: 3 to create; tree of judge: .*; tree of web: /,
  },
  {
    with: 'a read-only /etc',
    make: 'mount --bind /etc /etc; mount -o remount,bind,ro /etc',
    mend: 'umount /etc',
    reasons: ['EROFS: read-only file system'],
    says: /host limits: .*: can't writeFile \/etc\/security\/limits\.d\/jailctl\.conf\n/,
    left: /left: {2}boot: 3 to create; jails: 2 to create; accounts: 3 to create; tree of judge: /,
  },
  {
    with: 'an iptables-restore that fails',
    make: failing('iptables-restore', 'iptables-restore v1.8: line 3 failed'),
    mend: 'rm /usr/local/sbin/iptables-restore',
    reasons: ['iptables-restore v1.8: line 3 failed'],
    says: /packet rules: 2 to create: can't iptables-restore --noflush --wait=60\n/,
    left: /left: {2}host limits: 2 to create; boot: 3 to create; jails: 2 to create; accounts: 3 to create; /,
  },
  {
    with: 'an ip6tables-restore that fails',
    make: failing('ip6tables-restore', 'ip6tables-restore v1.8: line 3 failed'),
    mend: 'rm /usr/local/sbin/ip6tables-restore',
    reasons: ['ip6tables-restore v1.8: line 3 failed'],
    says: /packet rules: 2 to create: can't ip6tables-restore --noflush --wait=60\n/,
    left: /left: {2}host limits: 2 to create; boot: 3 to create; jails: 2 to create; accounts: 3 to create; /,
  },
  {
    with: 'a vipw that can’t be started',
    make: "printf '#!/nowhere\\n' >/usr/local/sbin/vipw; chmod 0755 /usr/local/sbin/vipw",
    mend: 'rm /usr/local/sbin/vipw',
    reasons: ['ENOENT'],
    says: /accounts: 3 to create: can't rewrite the account files\n {2}because: can't lock .*ENOENT/,
    left: /left: {2}tree of judge: .*; tree of web: /,
  },
  {
    with: 'a vipw that is killed and leaves its lock',
    make: "printf '#!/bin/sh\\nprintf %%s $$ >/etc/passwd.lock; kill -s KILL $$\\n' >/usr/local/sbin/vipw; chmod 0755 /usr/local/sbin/vipw",
    // The lock is the next vipw's to remove.
    mend: 'rm /usr/local/sbin/vipw',
    reasons: ['killed with SIGKILL'],
    says: /accounts: 3 to create: can't rewrite the account files\n {2}because: can't lock .*vipw/,
    left: /left: {2}tree of judge: .*; tree of web: /,
  },
  {
    with: 'a lock of the accounts that shadow’s own tools can’t read',
    make: 'sleep 1000 >/dev/null 2>&1 & echo $! >/etc/passwd.lock',
    mend: 'kill $(cat /etc/passwd.lock); rm /etc/passwd.lock',
    reasons: ['the account files are locked by sleep (PID '],
    says: /accounts: 3 to create: can't rewrite the account files\n(.*\n)*.*hint: wait until it has ended/,
    left: /left: {2}tree of judge: .*; tree of web: /,
  },
];

afterEach(({ task }) => {
  const outcome = task.result?.state === 'fail' ? 'broken' : 'clean';
  enter('errors', { points: 1, broken: 0, [outcome]: 1 });
});

async function newHost(): Promise<TestHost> {
  const host = await testHost();
  const rule = '--append INPUT --jump RETURN';
  await shell(host, `mkdir -p /srv/jails; iptables ${rule}; ip6tables ${rule}`);
  await writeManifest(host, jails);
  return host;
}

describe('an apply that meets', () => {
  test.for(troubles)('$with says so, and the next one makes it good', async (trouble) => {
    await using host = await newHost();
    const before = await stateOf(host);
    await shell(host, trouble.make);
    const result = await host.jailctl(applying);
    expect(unclear(result, trouble.reasons)).toEqual([]);
    expect(result.stderr).toMatch(trouble.says);
    expect(result.stderr).toMatch(trouble.left);
    if (/accounts/.test(trouble.left.source)) expect(await jailUsers(host)).toEqual({});
    expect(await shell(host, 'pwck -r -q; grpck -r')).toBe('');
    await shell(host, trouble.mend);
    await apply(host);
    await expectNothingToDo(host);
    await destroy(host);
    await shell(host, trouble.undo ?? '');
    expect(await stateOf(host)).toEqual(before);
  });

  test('too many open files says so, and the next one makes it good', async () => {
    await using host = await newHost();
    const before = await stateOf(host);
    // Node itself has about twenty.
    const limited = ['prlimit', '--nofile=22', process.execPath, jailctlPath, ...applying] as const;
    const result = await host.run(limited);
    expect(unclear(result, ['EMFILE', 'Too many open files'])).toEqual([]);
    await apply(host);
    await expectNothingToDo(host);
    await destroy(host);
    expect(await stateOf(host)).toEqual(before);
  });

  test.for([
    ['vipw', 'apt-get install passwd'],
    ['ip6tables-restore', 'apt-get install iptables'],
    ['getfattr', 'apt-get install attr'],
    ['mknod', 'apt-get install coreutils'],
  ])('a host without %s changes nothing, and says what to install', async ([tool = '', hint]) => {
    await using host = await newHost();
    await shell(host, `mkdir /opt/away; mv "$(command -v ${tool})" /opt/away`);
    const before = await stateOf(host);
    const { exitCode, stderr } = await host.jailctl(applying);
    expect(exitCode).toBe(7);
    expect(stderr).toBe(`jailctl: the host has no ${tool}\n  hint: install it: ${hint}\n`);
    expect(await stateOf(host)).toEqual(before);
  });
});

/** Rare ones, with what must be told: a sample of calls need not meet them. */
const rare: readonly (readonly [call: string, path: string, error: string, says: RegExp])[] = [
  [
    'openat',
    '/etc/security/limits.d/.jailctl-new',
    'EDQUOT',
    /can't writeFile \/etc\/security\/limits\.d\/jailctl\.conf\n {2}because: EDQUOT: disk quota exceeded, open /,
  ],
  [
    'write',
    '/srv/jails/web/.jailctl/scratch/new',
    'EDQUOT',
    /tree of web: .*: can't writeFile \S+\n {2}because: EDQUOT: disk quota exceeded, write/,
  ],
  [
    'unlink',
    '/run/jailctl.lock',
    'EIO',
    /^jailctl: can't remove the lock \/run\/jailctl\.lock\n {2}because: EIO: .+\n {2}hint: all else is done/m,
  ],
  [
    'ftruncate',
    '/run/jailctl.lock',
    'EROFS',
    /^jailctl: can't write the lock \/run\/jailctl\.lock\n {2}because: EROFS: .+\n {2}hint: nothing was changed/,
  ],
  [
    'utimensat',
    '/srv/jails/web/.jailctl/settings.json',
    'EIO',
    /^jailctl: can't seal jail web .+\n {2}because: EIO: .+\n {2}hint: all changes are made/m,
  ],
];

test.for(rare)('an apply whose %s of %s fails with %s says so', async (one) => {
  const [call, path, error, says] = one;
  await using host = await newHost();
  const before = await stateOf(host);
  const point = { call, path, number: 1, text: '' };
  const [strace, ...args] = injection(point, { error }) as [string, ...string[]];
  const result = await host.run([strace, ...args, process.execPath, jailctlPath, ...applying]);
  expect(unclear(result, [error])).toEqual([]);
  expect(result.stderr).toMatch(says);
  await apply(host);
  await expectNothingToDo(host);
  await destroy(host);
  expect(await stateOf(host)).toEqual(before);
});

/** Node's own recursive mkdir says ENOENT whatever has happened. */
test('a directory that can’t be made is told with its reason: of the journal, of an archive', async () => {
  await using host = await newHost();
  const failing = (path: string, ...args: readonly string[]) => {
    const point = { call: 'mkdir', path, number: 1, text: '' };
    const [strace, ...more] = injection(point, { error: 'EROFS' }) as [string, ...string[]];
    return host.run([strace, ...more, process.execPath, jailctlPath, ...args]);
  };
  const applied = await failing('/var/log/jailctl', ...applying);
  expect(applied.exitCode).toBe(0);
  expect(applied.stderr).toContain("the journal can't be written: EROFS: read-only file system");
  await shell(host, 'echo mine >/srv/jails/web/home/web1/file');
  const archive = ['--destroy-data', '--archive', '/var/archive'];
  const destroyed = await failing('/var/archive', 'destroy', '--yes', ...archive);
  expect(unclear(destroyed, ['EROFS'])).toEqual([]);
  expect(await shell(host, 'cat /srv/jails/web/home/web1/file')).toBe('mine\n');
});

const lockHolder = fileURLToPath(new URL('../account/hold-lock.ts', import.meta.url));

test('a destroy that meets locked accounts keeps the fence, and the next one goes on', async () => {
  await using host = await newHost();
  const before = await stateOf(host);
  await apply(host);
  await using holder = host.spawn([process.execPath, lockHolder, '1000000']);
  await holder.printed('held');
  const result = await host.jailctl(['destroy', '--yes', '--destroy-data']);
  expect(unclear(result, ['the account files are locked by vipw (PID '])).toEqual([]);
  expect(result.stderr).toContain('left:  tree of judge: 1 to delete; ');
  expect(Object.keys(await jailUsers(host))).toHaveLength(3);
  expect((await host.snapshot()).rules.ipv6).toMatch(/^-A JAILCTL .*-j REJECT/m);
  await holder[Symbol.asyncDispose]();
  await destroy(host);
  expect(await stateOf(host)).toEqual(before);
});
