import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { events, printed } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import { shell } from './jails.ts';

const manifest = '/run/wanted.yaml';
const adopt = ['import', '--adopt', '--yes', '--file', manifest] as const;

/** A jail by hand, without Jailkit: two users with homes. */
const byHand = `
  mkdir -p /srv/web/home /srv/web/usr/bin
  cp /bin/true /srv/web/usr/bin/true
  for number in 1 2; do
    useradd --no-create-home --home /srv/web/./home/web$number --uid 120$number web$number
    install -d -o web$number -g web$number -m 0700 /srv/web/home/web$number
  done`;

const text = (path = '/srv/web', users = 2) =>
  `version: 1\njails:\n  web: { path: ${path}, users: ${users}, tools: [/usr/bin/true] }\n`;

describe('import --adopt refuses', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, byHand);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test.for([
    [
      'a symlink',
      'mv /srv/web /srv/real; ln -s real /srv/web',
      'rm /srv/web; mv /srv/real /srv/web',
      '/srv/web is a symlink to real, not a directory',
    ],
    [
      "a directory of somebody else's",
      'chown web1 /srv/web',
      'chown root /srv/web',
      '/srv/web belongs to UID 1201, not to root',
    ],
    [
      'a directory that others can write to',
      'chmod 0775 /srv/web',
      'chmod 0755 /srv/web',
      'others than root can write to /srv/web',
    ],
    [
      'a place that others can write to',
      'chmod 0777 /srv',
      'chmod 0755 /srv',
      'others than root can write to /srv',
    ],
    [
      'a mount in it',
      'mkdir /srv/web/proc; mount --bind /proc /srv/web/proc',
      'umount /srv/web/proc; rmdir /srv/web/proc',
      'a file system is mounted in the jail: /srv/web/proc',
    ],
    [
      'a private directory of somebody else',
      'install -d -o web1 /srv/web/.jailctl',
      'rmdir /srv/web/.jailctl',
      '/srv/web/.jailctl is in the way',
    ],
    [
      'homes that lead elsewhere',
      'mv /srv/web/home /srv/homes; ln -s /srv/homes /srv/web/home',
      'rm /srv/web/home; mv /srv/homes /srv/web/home',
      '/srv/web/home is not a directory that only root can change',
    ],
    [
      'homes of others',
      'mkdir /srv/web/home/alice',
      'rmdir /srv/web/home/alice',
      '/srv/web/home holds alice: no home of web1 to web2',
    ],
    [
      "a home that is not its user's",
      'chown web2 /srv/web/home/web1',
      'chown web1 /srv/web/home/web1',
      "/srv/web/home/web1 is not a directory of web1's",
    ],
    [
      'a home that is a link',
      'mv /srv/web/home/web1 /srv/web/w; ln -s ../w /srv/web/home/web1',
      'rm /srv/web/home/web1; mv /srv/web/w /srv/web/home/web1',
      "/srv/web/home/web1 is not a directory of web1's",
    ],
    [
      'a resident with another name',
      'useradd --no-create-home --home /srv/web/./home/carl carl',
      'userdel carl',
      'carl lives in the jail too',
    ],
    [
      'a resident whose name begins alike',
      'useradd --no-create-home --home /srv/web/./home/web2x1 web2x1',
      'userdel web2x1',
      'web2x1 lives in the jail too',
    ],
    [
      'a user too many',
      'useradd --no-create-home --home /srv/web/./home/web3 web3',
      'userdel web3',
      'the manifest has 2 users, and web3 is there',
    ],
    [
      "a UID of the system's",
      'usermod --uid 900 web1; groupmod --gid 900 web1; chown web1: /srv/web/home/web1',
      'usermod --uid 1201 web1; groupmod --gid 1201 web1; chown web1: /srv/web/home/web1',
      'web1 has UID 900, and those below 1000',
    ],
    [
      'a shared UID',
      'useradd --no-create-home --non-unique --uid 1201 --gid 100 twin',
      'userdel --force twin',
      'web1 shares UID 1201 with twin',
    ],
    [
      'a shared group',
      'useradd --no-create-home --gid 1201 friend',
      'userdel friend',
      'web1 shares its group 1201 with friend',
    ],
    [
      'a group of another number',
      'groupmod --gid 4321 web1',
      'groupmod --gid 1201 web1',
      'web1 has UID 1201 and the primary group 4321',
    ],
    [
      'a member of another group',
      'usermod --append --groups sudo web1',
      'gpasswd --delete web1 sudo',
      'web1 is in the group sudo',
    ],
    [
      'a second home',
      'usermod --home /home/web1 web1; mkdir /home/web1',
      'rmdir /home/web1; usermod --home /srv/web/./home/web1 web1',
      'web1 has a home outside of its jail too: /home/web1',
    ],
    [
      'a process',
      "setpriv --reuid 1202 --clear-groups sleep 1000 >/dev/null 2>&1 & echo $! >/run/sleeper; until grep -q 'Uid:.*1202' /proc/$(cat /run/sleeper)/status; do :; done",
      'kill $(cat /run/sleeper); while kill -0 $(cat /run/sleeper) 2>/dev/null; do :; done',
      'web2 runs',
    ],
  ] as const)('%s, and changes nothing', { timeout: 60_000 }, async ([, spoil, mend, why]) => {
    await host.write(manifest, text());
    await shell(host, spoil);
    const before = await stateOf(host);
    const refused = await host.jailctl(adopt);
    const after = await stateOf(host);
    await shell(host, mend);
    expect(refused.stdout).toContain(why);
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('conflict') });
    expect(after).toEqual(before);
  });

  test('what no manifest can name: directories of the system', async () => {
    for (const path of ['/', '/etc', '/usr/lib', '/home']) {
      const found = await host.jailctl(['import', path]);
      expect([3, 4], `${path}: ${found.stderr}`).toContain(found.exitCode);
      await host.write(manifest, text(path));
      expect(await host.jailctl(adopt)).toMatchObject({ exitCode: 3, stdout: '' });
    }
  });

  test('without a manifest, a jail that is not in it, and a wrong combination', async () => {
    const gone = await host.jailctl(['import', '--adopt', '--file', '/run/none.yaml']);
    expect(gone).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('jailctl import --out /run/none.yaml'),
    });
    await host.write(manifest, text());
    const other = await host.jailctl([...adopt, 'webb']);
    expect(other).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('no jail webb') });
    for (const flag of ['--out', '--ini']) {
      expect(await host.jailctl([...adopt, flag, '/run/x'])).toMatchObject({ exitCode: 3 });
    }
  });

  test('and takes the jail over when nothing is wrong: so the reasons were the reasons', async () => {
    await host.write(manifest, text());
    await shell(host, 'chown web1 /srv/web');
    await printed(host, adopt, { exitCode: 4, schema: 'error' });
    await shell(host, 'chown root /srv/web');
    const all = await events(host, ['import', '--adopt', '--file', manifest]);
    expect(all.at(-1)).toMatchObject({ type: 'apply_finished' });
    const again = await host.jailctl(['import', '/srv/web']);
    expect(again).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("is jailctl's already"),
    });
  });

  test('to delete a home of a jail that is taken over', async () => {
    await shell(host, 'echo data >/srv/web/home/web2/data');
    await host.write(manifest, text('/srv/web', 1));
    const before = await stateOf(host);
    expect(await host.jailctl(adopt)).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('import deletes no home'),
    });
    expect(await stateOf(host)).toEqual(before);
  });
});
