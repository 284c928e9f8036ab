import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mountImage } from '../rig/disk-image.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';
import { apply, expectNothingToDo, manifestPath, plan, shell, writeManifest } from './jails.ts';
import { makeOldJails } from './old-way.ts';

/** Jails whose tools are the same but for one. */
const three = `
uids: 73000-73999
jails:
  judge: { users: 1, tools: [sh, ls, /opt/tool] }
  log: { users: 0, tools: [sh] }
  web: { users: 1, tools: [sh, ls, /opt/tool] }
`;

/** What a jail has for itself: jailctl writes it, and it says who lives there. */
const own = ['/etc/group', '/etc/ld.so.cache', '/etc/nsswitch.conf', '/etc/passwd'];

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Files of a jail that are not one with those of another, by their paths in it. */
async function notShared(host: TestHost, jail: string, other: string): Promise<readonly string[]> {
  const script = `
    cd ${jail}; find . -path ./.jailctl -prune -o -type f -print | sort | while read -r path; do
      test "$path" -ef "${other}/$path" || echo "\${path#.}"
    done`;
  return lines(await shell(host, script));
}

/** How many files with content of a jail a plan opens. */
async function filesRead(host: TestHost, jail: string): Promise<number> {
  const planning = [process.execPath, jailctlPath, 'plan', '--file', manifestPath];
  const trace = ['strace', '-qq', '-f', '-e', 'trace=openat', '-o', '/run/trace'];
  await host.ok([...trace, '--', ...planning] as unknown as readonly [string, ...string[]]);
  const opened = await shell(
    host,
    `grep '"${jail}/' /run/trace | grep -v O_DIRECTORY | grep -cv '/etc/\\|/\\.jailctl/' || true`,
  );
  return Number(opened);
}

describe('jails on one file system', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await shell(host, 'echo one >/opt/tool; chmod 0644 /opt/tool');
    await writeManifest(host, three);
    await apply(host);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('share all but what is their own, and nothing of the host', async () => {
    expect(await notShared(host, '/web', '/judge')).toEqual(own);
    expect(await notShared(host, '/log', '/web')).toEqual(own);
    const script = `
      find /web/usr /web/opt -type f | while read -r path; do
        test ! "$path" -ef "\${path#/web}" || echo "$path"; cmp "$path" "\${path#/web}"
      done`;
    expect(await shell(host, script)).toBe('');
    expect(await shell(host, `stat --format='%h %a %U' /web/opt/tool`)).toBe('2 644 root\n');
    await expectNothingToDo(host);
  });

  test('are each as they should be, by verify; and not with a name that is outside', async () => {
    const verify = ['verify', '--only', 'files/audit-hard-links'];
    expect(await host.jailctl(verify)).toMatchObject({ exitCode: 0 });
    for (const [from, to] of [
      ['/web/opt/tool', '/opt/outside'],
      ['/web/opt/tool', '/judge/home/judge1/tool'],
      ['/web/opt/tool', '/log/opt'],
      ['/web/etc/passwd', '/judge/etc/outside'],
    ]) {
      await shell(host, `ln ${from} ${to}`);
      const { exitCode, stdout } = await host.jailctl([...verify, '--jail', 'web']);
      await shell(host, `rm ${to}`);
      expect(exitCode, to).toBe(6);
      expect(stdout).toContain(from?.slice('/web'.length));
    }
    expect(await host.jailctl(verify)).toMatchObject({ exitCode: 0 });
  });

  test('whose lock on a shared file is seen in another one: verify knows that', async () => {
    const { stdout } = await host.jailctl([
      ...['verify', '--json', '--only', 'leaks/file-lock-of-jail', '--jail', 'web'],
    ]);
    expect(JSON.parse(stdout).jails[0].probes).toMatchObject([{ verdict: 'known_weakness' }]);
  });

  test('show a file that was altered in one of them in each, and all are mended', async () => {
    await shell(
      host,
      `printf two | dd of=/web/opt/tool conv=notrunc status=none; touch -r /opt/tool /web/opt/tool`,
    );
    const { text } = await plan(host);
    expect(text.match(/~ \/opt\/tool: its content was altered/g)).toHaveLength(2);
    const other = await host.jailctl(['plan', '--file', manifestPath, '--jail', 'judge']);
    expect(other.stdout).toContain('~ /opt/tool: its content was altered');
    await apply(host);
    await shell(host, 'cmp /web/opt/tool /opt/tool; cmp /judge/opt/tool /opt/tool');
    expect(await notShared(host, '/web', '/judge')).toEqual(own);
    await expectNothingToDo(host);
  });

  test('of which one is mended alone: it gets a file of its own, and the rest stays', async () => {
    await shell(host, 'chmod 0666 /web/opt/tool');
    const args = ['apply', '--yes', '--file', manifestPath, '--jail', 'web'];
    expect(await host.jailctl(args)).toMatchObject({ exitCode: 0 });
    expect(await notShared(host, '/web', '/judge')).toContain('/opt/tool');
    expect(await shell(host, `stat --format=%a /web/opt/tool /judge/opt/tool`)).toBe('644\n666\n');
    expect((await plan(host)).text).toContain('~ /opt/tool: mode 0666, wanted 0644');
    await apply(host);
    expect(await notShared(host, '/web', '/judge')).toEqual(own);
  });

  test('follow a library that is upgraded, and share the new one', async () => {
    await shell(host, 'echo three >/opt/tool');
    await apply(host);
    await shell(host, 'cmp /web/opt/tool /opt/tool; test ! /web/opt/tool -ef /opt/tool');
    expect(await notShared(host, '/web', '/judge')).toEqual(own);
    await expectNothingToDo(host);
  });

  test('of which one is cut down, and one goes: the others are whole, and soon not read', async () => {
    await writeManifest(host, three.replace('ls, /opt/tool] }\n', 'ls] }\n'));
    await apply(host);
    await shell(host, 'test ! -e /judge/opt; cmp /web/opt/tool /opt/tool');
    // What changed in the last tick of the clock before the seal is read once more.
    expect(await apply(host)).toMatch(/^Nothing to do/);
    expect(await filesRead(host, '/web')).toBe(0);
    const destroyed = await host.jailctl(['destroy', '--yes', '--destroy-data', '--jail', 'judge']);
    expect(destroyed).toMatchObject({ exitCode: 0 });
    await writeManifest(host, three.replace(/ {2}judge: .*\n/, ''));
    await expectNothingToDo(host);
    await shell(host, 'cd /web/usr; find . -type f -exec cmp {} /usr/{} ";"');
    // Which were shared: nobody could tell what else was done to them.
    expect(await filesRead(host, '/web')).toBeGreaterThan(0);
    expect(await apply(host)).toMatch(/^Nothing to do/);
    expect(await filesRead(host, '/web')).toBe(0);
    expect(await filesRead(host, '/log')).toBe(0);
  });
});

describe('nothing is shared', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, 'echo one >/opt/tool; chmod 0644 /opt/tool');
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  const jails = (more = '') => `
uids: 73000-73999
jails:
  web: { users: 1, tools: [/opt/tool] }
${more}`;

  test('with a file that has a name which is not a jail’s', async () => {
    await writeManifest(host, jails());
    await apply(host);
    await shell(host, 'ln -f /opt/tool /web/opt/tool');
    await expectNothingToDo(host);
    await writeManifest(host, jails('  next: { users: 1, tools: [/opt/tool] }'));
    await apply(host);
    await shell(host, 'test ! /next/opt/tool -ef /opt/tool; cmp /next/opt/tool /opt/tool');
  });

  test('of homes, whatever is in them', async () => {
    await shell(
      host,
      `for home in /web/home/web1 /next/home/next1; do cp -p /opt/tool $home/tool; done
       rm /web/opt/tool; echo more >/opt/tool`,
    );
    await apply(host);
    const stats = `stat --format='%h %s' /web/home/web1/tool /next/home/next1/tool`;
    expect(await shell(host, stats)).toBe('1 4\n1 4\n');
    await shell(host, 'test /web/opt/tool -ef /next/opt/tool');
  });

  test('between file systems', async () => {
    await shell(host, 'mkdir /other; mount -t tmpfs -o mode=0755 other /other');
    const there = jails(`  there: { users: 1, path: /other/there, tools: [/opt/tool] }
  too: { users: 1, path: /other/too, tools: [/opt/tool] }`);
    await writeManifest(host, there);
    await apply(host);
    expect(await notShared(host, '/other/there', '/web')).toContain('/opt/tool');
    expect(await notShared(host, '/other/there', '/other/too')).toEqual(
      own.filter((path) => path !== '/etc/ld.so.cache'),
    );
    await expectNothingToDo(host);
  });

  test('with a file of the host that an adopted jail has by a hard link', async () => {
    await makeOldJails(host, [{ name: 'old', users: 1, tools: ['/usr/bin/id'] }]);
    await shell(host, 'ln -f /usr/bin/id /old/usr/bin/id; sed -i /web/d /etc/rc.local');
    const old = '  old: { users: 1, path: /old, tools: [/usr/bin/id] }\n';
    await writeManifest(host, jails(old));
    const adopted = await host.jailctl(['import', '--adopt', '--yes', '--file', manifestPath]);
    expect(adopted, adopted.stdout + adopted.stderr).toMatchObject({ exitCode: 0 });
    await writeManifest(host, jails(`${old}  new: { users: 1, tools: [/usr/bin/id] }`));
    await apply(host);
    await shell(
      host,
      'test /old/usr/bin/id -ef /usr/bin/id; test ! /new/usr/bin/id -ef /usr/bin/id',
    );
    expect(await notShared(host, '/new', '/old')).not.toContain(
      (await shell(host, 'cd /new; find usr -name libc.so.6')).trim().replace(/^/, '/'),
    );
    await expectNothingToDo(host);
  });
});

describe('on a file system with reflinks', () => {
  test('jails share blocks, not files: one of them costs little, and its locks are its own', async () => {
    await using host = await testHost({ cgroups: true });
    await mountImage(host, 'xfs', '/xfs');
    const manifest = (names: readonly string[]) =>
      `root: /xfs\njails:\n${names.map((name) => `  ${name}: { users: 1, tools: [sh, ls] }\n`).join('')}`;
    const usedKib = async () => {
      const kib = await shell(host, 'sync -f /xfs; df --output=used /xfs | tail -n 1');
      return Number(kib);
    };
    const empty = await usedKib();
    await writeManifest(host, manifest(['a']));
    await apply(host);
    const one = await usedKib();
    await writeManifest(host, manifest(['a', 'b', 'c']));
    await apply(host);
    expect((await usedKib()) - one).toBeLessThan((one - empty) / 5);
    expect(await notShared(host, '/xfs/b', '/xfs/a')).toContain('/usr/bin/ls');
    await shell(
      host,
      'filefrag -v /xfs/c/usr/bin/ls | grep shared; cmp /xfs/c/usr/bin/ls /usr/bin/ls',
    );
    await shell(host, 'printf x | dd of=/xfs/a/usr/bin/ls conv=notrunc status=none');
    await shell(host, 'cmp /xfs/b/usr/bin/ls /usr/bin/ls');
    expect((await plan(host)).text).toMatch(/tree of a: 1 to update\n.*\n\n(?!tree of)/);
    await apply(host);
    const verified = await host.jailctl([
      ...['verify', '--json', '--only', 'leaks/file-lock-of-jail', '--jail', 'a'],
    ]);
    expect(JSON.parse(verified.stdout).jails[0].probes).toMatchObject([{ verdict: 'passed' }]);
  });
});
