import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  inJail,
  jailUsers,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';

/** A manifest of jails with a shell each, and so many users. */
function jails(users: Readonly<Record<string, number>>): string {
  const lines = Object.entries(users).map(
    ([name, count]) => `  ${name}: { users: ${count}, tools: [sh, sleep, touch] }\n`,
  );
  return `uids: 73000-73999\njails:\n${lines.join('')}`;
}

function numbered(name: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${name}${from + index}`);
}

describe('a jail with 40 users', () => {
  let host: TestHost;
  let before: Readonly<Record<string, number>>;
  beforeAll(async () => {
    host = await testHost();
    await writeManifest(host, jails({ judge: 40, web: 2 }));
    await apply(host);
    before = await jailUsers(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('grows to 44: four are created, and nobody else changes', async () => {
    await writeManifest(host, jails({ judge: 44, web: 2 }));
    const { text } = await plan(host);
    expect(text).toContain('accounts: 4 to create\n');
    expect(text).toContain('+ 4 users of judge: judge41 (UID 73042) … judge44 (UID 73045)\n');
    await apply(host);
    const added = numbered('judge', 41, 44).map((name, index) => [name, 73042 + index]);
    expect(await jailUsers(host)).toEqual({ ...before, ...Object.fromEntries(added) });
    expect(await inJail(host, 'judge44', '/judge', ['touch', '/home/judge44/x'])).toBe('');
    await expectNothingToDo(host);
  });

  test('shrinks to 38: their processes end, and each home is named with its size', async () => {
    await shell(host, 'head -c 300000 /dev/zero >/judge/home/judge39/data');
    await shell(host, 'chown -R judge39: /judge/home/judge39; echo x >/judge/home/judge38/kept');
    for (const user of ['judge38', 'judge39', 'judge44']) {
      const sleep = `chroot --userspec=${user} /judge sleep 1000 >/dev/null 2>&1 &`;
      await shell(host, sleep);
    }
    await writeManifest(host, jails({ judge: 38, web: 2 }));
    const { text } = await plan(host);
    expect(text).toContain('- 6 users of judge: judge39 (UID 73038) … judge44 (UID 73045)\n');
    expect(text).toMatch(/- \/home\/judge39: a user's data, 29\d(?:\.\d)? KiB, is deleted/);
    for (const name of numbered('judge', 40, 43)) {
      expect(text).toContain(`- /home/${name}: an empty home is deleted\n`);
    }
    expect(text).toMatch(/- \/home\/judge44: a user's data, .*, is deleted/);
    expect(text).not.toContain('- /home/judge38');
    await apply(host);
    const kept = Object.entries(before).filter(([name]) => !/^judge(?:39|4\d)$/.test(name));
    expect(await jailUsers(host)).toEqual(Object.fromEntries(kept));
    expect((await shell(host, 'ls -v /judge/home')).trim().split('\n')).toEqual(
      numbered('judge', 1, 38),
    );
    expect(await shell(host, 'cat /judge/home/judge38/kept')).toBe('x\n');
    const running = await shell(host, 'ps -e -o uid= -o args= | grep "[s]leep 1000"');
    expect(running.trim().split('\n')).toEqual([expect.stringMatching(/^\s*73037 sleep 1000$/)]);
    expect(await shell(host, 'cat /etc/passwd /etc/group /etc/shadow /etc/gshadow')).not.toMatch(
      /^judge(?:39|4\d):/m,
    );
    expect(await host.read('/judge/etc/passwd')).not.toContain('judge39');
    await expectNothingToDo(host);
  });

  test('grows again: no UID of those who went is given to anybody', async () => {
    await writeManifest(host, jails({ judge: 41, web: 3 }));
    await apply(host);
    const added = { judge39: 73046, judge40: 73047, judge41: 73048, web3: 73049 };
    expect(await jailUsers(host)).toMatchObject(added);
    expect(await shell(host, 'ls -A /judge/home/judge39')).toBe('');
    await expectNothingToDo(host);
  });
});

describe('jails of one manifest', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await writeManifest(host, jails({ middle: 2, zoo: 2 }));
    await apply(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('keep their UIDs when another one is added before and after them', async () => {
    const before = await jailUsers(host);
    await writeManifest(host, jails({ zoo: 2, zz: 1, aa: 2, middle: 2 }));
    const { text } = await plan(host);
    expect(text).toMatch(/^jails: 2 to create$/m);
    expect(text).toMatch(/^accounts: 3 to create$/m);
    await apply(host);
    expect(await jailUsers(host)).toEqual({ ...before, aa1: 73004, aa2: 73005, zz1: 73006 });
  });

  test('mean the same in any order', async () => {
    await writeManifest(host, jails({ zz: 1, middle: 2, aa: 2, zoo: 2 }));
    await expectNothingToDo(host);
  });

  test('are removed alone when the manifest does not name them any more', async () => {
    const before = await jailUsers(host);
    await shell(host, 'echo data >/zoo/home/zoo2/file; chown zoo2: /zoo/home/zoo2/file');
    await shell(host, 'chroot --userspec=zoo1 /zoo sleep 1001 >/dev/null 2>&1 &');
    await writeManifest(host, jails({ zz: 1, middle: 2, aa: 2 }));
    const { text } = await plan(host);
    expect(text).toMatch(/^accounts: 2 to delete\n {2}- zoo1 \(UID \d+\), zoo2 \(UID \d+\)$/m);
    expect(text).toMatch(/^ {2}- zoo at \/zoo, 2 users, network none, \S+ MiB in all$/m);
    expect(text).toMatch(/^ {2}- \/home\/zoo2: a user's data, 4 KiB, is deleted$/m);
    expect(text).not.toMatch(/middle|aa|zz1/);
    await apply(host);
    const { zoo1: _1, zoo2: _2, ...others } = before;
    expect(await jailUsers(host)).toEqual(others);
    expect(await shell(host, 'ls -A / | grep -E "zoo|jailctl" || true')).toBe('');
    expect(await shell(host, 'ps -e -o args= | grep "[s]leep 1001" || true')).toBe('');
    await expectNothingToDo(host);
  });

  test('that come back get UIDs that nobody had', async () => {
    await writeManifest(host, jails({ zz: 1, middle: 2, aa: 2, zoo: 2 }));
    await apply(host);
    expect(await jailUsers(host)).toMatchObject({ zoo1: 73007, zoo2: 73008, zz1: 73006 });
  });
});

test('a pool that is used up is told of before a UID is given again, and when it has none left', async () => {
  await using host = await testHost();
  const pooled = (jail: string) => writeManifest(host, `uids: 73990-73991\njails:\n  ${jail}\n`);
  await pooled('web: { users: 2, tools: [] }');
  expect((await plan(host)).text).not.toContain('warning');
  await apply(host);
  await pooled('web: { users: 1, tools: [] }');
  await apply(host);
  await pooled('web: { users: 2, tools: [] }');
  expect((await plan(host)).text).toMatch(
    /^warning: the pool 73990-73991 is used up: web2 \(73991\) may get what a user before them left/,
  );
  await apply(host);
  expect(await jailUsers(host)).toEqual({ web1: 73990, web2: 73991 });
  await expectNothingToDo(host);
  await pooled('web: { users: 3, tools: [] }');
  const refused = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stderr).toMatch(/:2:7: the jails have 3 users.*2/);
});

test('jails that come after the last one has gone get no UID of old users', async () => {
  await using host = await testHost();
  await writeManifest(host, jails({ judge: 2 }));
  await apply(host);
  expect(await jailUsers(host)).toEqual({ judge1: 73000, judge2: 73001 });
  await destroy(host);
  await writeManifest(host, jails({ web: 1 }));
  await apply(host);
  expect(await jailUsers(host)).toEqual({ web1: 73002 });
  await destroy(host);
  // The journal remembers; who removes it begins anew.
  await shell(host, 'rm -r /var/log/jailctl');
  await apply(host);
  expect(await jailUsers(host)).toEqual({ web1: 73000 });
});
