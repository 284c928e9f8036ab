import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printed } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, jailctlPath, onTerminal } from '../scenarios/cli.ts';
import { apply, destroy, manifestPath, shell, writeManifest } from '../scenarios/jails.ts';
import { asked, dependencies, republish, setPostinst, withoutPackages } from './repository.ts';

const all = [...asked, ...dependencies].toSorted();
const args = ['setup', '--file', manifestPath] as const;
const recordPath = '/var/lib/jailctl-setup/record.json';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await withoutPackages(host);
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

/** Those of the packages that the host has, whole or in part. */
async function present(some: readonly string[] = all): Promise<readonly string[]> {
  const text = await shell(
    host,
    `dpkg-query --show --showformat='\${db:Status-Status} \${Package}\\n' ${some.join(' ')} || true`,
  );
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('not-installed'));
  return lines.map((line) => line.replace(/^installed /, '')).toSorted();
}

async function recorded(): Promise<readonly string[]> {
  const text = await shell(host, `cat ${recordPath} 2>/dev/null || echo '{"packages":[]}'`);
  return JSON.parse(text)
    .packages.map(({ name }: { name: string }) => name)
    .toSorted();
}

const removeAll = () => host.ok(['apt-get', 'purge', '--quiet', '--yes', ...all]);

describe('setup on a host that lacks packages', () => {
  test('tells what it would install and why, and asks', async () => {
    const refused = await host.jailctl(args);
    expect(refused).toMatchObject({ exitCode: 4 });
    expect(refused.stdout).toContain('This host lacks 3 things that the manifest needs:\n');
    expect(refused.stdout).toMatch(/^ {2}\+ attr +getfattr: /m);
    expect(refused.stdout).toMatch(/^ {2}\+ crun +crun: runs programs in jails$/m);
    expect(refused.stderr).toContain('hint: to do it without asking: jailctl setup --yes\n');
    const no = await onTerminal(host, args, 'y\n');
    expect(no).toMatchObject({ exitCode: 4 });
    expect(no.stdout).toContain('Install 3 packages with apt? Only "yes" is a yes: ');
    expect(await present()).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  test('installs them, and apply works; setup --remove takes away these alone', async () => {
    const before = await shell(host, 'dpkg --get-selections');
    const done = await onTerminal(host, args, 'yes\n');
    expect(done).toMatchObject({ exitCode: 0 });
    expect(done.stdout).toContain(`Done: installed ${all.join(', ')}.`);
    expect(await present()).toEqual(all);
    expect(await recorded()).toEqual(all);
    expect(await shell(host, `stat -c '%a %U' ${recordPath} /var/lib/jailctl-setup`)).toBe(
      '600 root\n700 root\n',
    );
    const again = await host.jailctl(args);
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: 'Nothing to do: this host has what the manifest needs.\n',
    });
    await host.write(
      '/run/gvisor.yaml',
      'version: 1\njails:\n  web: { users: 1, tools: [], engine: runsc }\n',
    );
    const byHand = await host.jailctl(['setup', '--file', '/run/gvisor.yaml', '--json']);
    expect(byHand).toMatchObject({ exitCode: 7, stderr: '' });
    expect(JSON.parse(byHand.stdout)).toMatchObject({
      type: 'error',
      message: 'this host still lacks: runsc, the engine of gVisor',
      hint: expect.stringContaining('https://gvisor.dev/'),
    });
    await apply(host);
    const refused = await host.jailctl(['setup', '--remove', '--yes']);
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain('this host has jails, which need the packages: web\n');
    expect(await present()).toEqual(all);
    await destroy(host);
    const plain = await host.jailctl(['setup', '--remove']);
    expect(plain).toMatchObject({ exitCode: 4 });
    expect(plain.stdout).toContain(all.map((name) => `  - ${name}\n`).join(''));
    const removed = await host.jailctl(['setup', '--remove', '--yes']);
    expect(removed).toMatchObject({ exitCode: 0 });
    expect(await shell(host, 'dpkg --get-selections')).toBe(before);
    await shell(host, 'test ! -e /var/lib/jailctl-setup');
    const nothing = await host.jailctl(['setup', '--remove']);
    expect(nothing).toMatchObject({
      exitCode: 0,
      stdout: 'Nothing to do: setup has installed nothing on this host.\n',
    });
  }, 60_000);

  test('with --json prints one document, and what was there before stays', async () => {
    await host.ok(['apt-get', 'install', '--quiet', '--yes', 'attr', 'libyajl2']);
    // What apt takes for installed is not always whole.
    await host.ok(['mv', '/usr/bin/getfattr', '/usr/bin/getfattr.away']);
    const broken = await host.jailctl([...args, '--yes', '--json']);
    expect(broken).toMatchObject({ exitCode: 7, stderr: '' });
    expect(JSON.parse(broken.stdout).message).toBe('this host still lacks: getfattr');
    await host.ok(['mv', '/usr/bin/getfattr.away', '/usr/bin/getfattr']);
    await host.jailctl(['setup', '--remove', '--yes']);
    const rest = all.filter((name) => !['attr', 'libyajl2'].includes(name));
    const installed = await printed(host, [...args, '--yes'], { schema: 'setup' });
    expect(installed).toMatchObject({ action: 'install', package_manager: 'apt', packages: rest });
    expect(await printed(host, args, { schema: 'setup' })).toMatchObject({ packages: [] });
    const removed = await printed(host, ['setup', '--remove', '--yes'], { schema: 'setup' });
    expect(removed).toMatchObject({ action: 'remove', packages: rest, kept: [] });
    expect(await present()).toEqual(['attr', 'libyajl2']);
    await removeAll();
  }, 60_000);

  test('what others need by now stays, with its settings, and goes later', async () => {
    // A file in /etc of an earlier time, and one that comes with the package.
    await republish(
      host,
      'attr',
      'mkdir $tree/etc; echo x >$tree/etc/of-attr; echo /etc/of-attr >$tree/DEBIAN/conffiles',
    );
    await republish(
      host,
      'crun',
      'mkdir $tree/etc; echo x >$tree/etc/of-crun; echo /etc/of-crun >$tree/DEBIAN/conffiles',
    );
    await host.ok(['apt-get', 'update']);
    await host.ok(['apt-get', 'install', '--quiet', '--yes', 'attr', 'libyajl2']);
    await host.ok(['apt-get', 'remove', '--quiet', '--yes', 'attr']);
    await host.jailctl([...args, '--yes']);
    // Somebody else's package, which needs one that setup brought.
    await shell(
      host,
      `mkdir -p /run/other/DEBIAN; cd /run
       printf 'Package: other\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDepends: libnftnl11\\nDescription: x\\n' >other/DEBIAN/control
       dpkg-deb --build other >/dev/null; dpkg --install other.deb; test -e /etc/of-crun`,
    );
    const removed = await printed(host, ['setup', '--remove', '--yes'], { schema: 'setup' });
    expect(removed).toMatchObject({ kept: [{ name: 'libnftnl11', needed_by: ['other'] }] });
    expect(await present()).toEqual(['config-files attr', 'libnftnl11', 'libyajl2']);
    await shell(host, 'test -e /etc/of-attr -a ! -e /etc/of-crun');
    expect(await recorded()).toEqual(['libnftnl11']);
    const none = await host.jailctl(['setup', '--remove']);
    expect(none).toMatchObject({ exitCode: 0 });
    expect(none.stdout).toContain('  libnftnl11 stays: other needs it\n');
    await host.ok(['dpkg', '--purge', 'other']);
    const later = await host.jailctl(['setup', '--remove', '--yes']);
    expect(later.stdout).toContain('Done: removed libnftnl11.\n');
    await removeAll();
  }, 60_000);
});

describe('when it goes wrong', () => {
  test('what came before a failure is recorded, and goes again', async () => {
    await setPostinst(host, 'crun', 'echo no luck >&2; exit 3');
    const failed = await host.jailctl([...args, '--yes', '--json']);
    expect(failed).toMatchObject({ exitCode: 1, stderr: '' });
    expect(JSON.parse(failed.stdout)).toMatchObject({
      type: 'error',
      message: 'apt-get install failed (exit code 100)',
      causes: [expect.stringContaining('E: Sub-process /usr/bin/dpkg returned an error code (1)')],
    });
    expect(await recorded()).toEqual(all);
    const removed = await host.jailctl(['setup', '--remove', '--yes']);
    expect(removed).toMatchObject({ exitCode: 0 });
    expect(await present()).toEqual([]);
    await shell(host, 'test ! -e /var/lib/jailctl-setup');
  }, 60_000);

  test('killed half-way, the package manager ends its work, and the record is right', async () => {
    await setPostinst(host, 'crun', 'echo >/run/started; read answer </run/go');
    await host.ok(['mkfifo', '/run/started', '/run/go']);
    {
      await using running = host.spawn([process.execPath, jailctlPath, ...args, '--yes']);
      await host.ok(['cat', '/run/started']);
      void running;
    }
    const locked = await host.jailctl(['setup', '--remove', '--yes']);
    expect(locked).toMatchObject({ exitCode: 1 });
    expect(locked.stderr).toContain('hint: another package manager is at work: wait');
    expect(await recorded()).toEqual(all);
    await shell(host, 'echo >/run/go; while pgrep -x apt-get >/dev/null; do :; done');
    expect(await present()).toEqual(all);
    expect(await host.jailctl(args)).toMatchObject({ exitCode: 0 });
    expect(await host.jailctl(['setup', '--remove', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await present()).toEqual([]);
  }, 60_000);

  test('a package that does not exist, a host without network', async () => {
    await shell(
      host,
      'rm /run/repository/crun.deb; sed -i "/^Package: crun/,/^$/d" /run/repository/Packages',
    );
    const missing = await host.jailctl([...args, '--yes']);
    expect(missing).toMatchObject({ exitCode: 1 });
    expect(missing.stderr).toContain('because: E: Unable to locate package crun\n');
    expect(await present()).toEqual([]);
    await shell(host, 'test ! -e /var/lib/jailctl-setup');
    await shell(
      host,
      `echo 'deb http://127.0.0.1:9/ x main' >/etc/apt/sources.list
                       rm -rf /var/lib/apt/lists/*`,
    );
    const offline = await host.jailctl([...args, '--yes']);
    expect(offline).toMatchObject({ exitCode: 1 });
    expect(offline.stderr).toMatch(/Failed to fetch http:\/\/127\.0\.0\.1:9/);
    expect(offline.stderr).toContain('because: E: Unable to locate package');
    await shell(host, 'test ! -e /var/lib/jailctl-setup');
  });

  test('a record that jailctl did not write removes nothing', async () => {
    await host.write(recordPath, '{"package_manager":"apt","packages":["coreutils"]}');
    const refused = await host.jailctl(['setup', '--remove', '--yes']);
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain(`${recordPath} is not as jailctl writes it`);
    await host.ok(['rm', '-r', '/var/lib/jailctl-setup']);
  });

  test('a host without a package manager that is known', async () => {
    await host.ok(['mv', '/usr/bin/apt-get', '/usr/bin/apt-got']);
    const refused = await host.jailctl([...args, '--yes']);
    await host.ok(['mv', '/usr/bin/apt-got', '/usr/bin/apt-get']);
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
    expect(refused.stderr).toContain('no package manager that jailctl knows (apt, dnf, zypper,');
    expect(refused.stderr).toContain('what these are in Debian: iptables, attr, crun\n');
  });

  test('without root, and without a manifest', async () => {
    const file = await host.jailctl(['setup', '--yes', '--json']);
    expect(file).toMatchObject({ exitCode: 3, stderr: '' });
    expect(JSON.parse(file.stdout)).toMatchObject({ type: 'error', exit_code: 3 });
    await installForEverybody(host);
    const nobody = await asNobody(host, args);
    expect(nobody).toMatchObject({ exitCode: 7, stdout: '' });
    expect(nobody.stderr).toContain('sudo jailctl setup\n');
  });
});
