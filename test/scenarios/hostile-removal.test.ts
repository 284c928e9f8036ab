import { describe, expect, test } from 'vitest';
import { exitCode } from '../../src/model/exit-code.ts';
import type { TestHost } from '../rig/host.ts';
import { expectNothingToDo, shell, writeManifest } from './jails.ts';
import { atTheAccounts } from './lock-holder.ts';
import {
  applying,
  bounded,
  destroying,
  free,
  jailHost,
  jails,
  neighbour,
  remains,
  run,
  survives,
  uidOfOther,
} from './tenant-host.ts';
import { makeCanaries } from './tenants.ts';

async function smallHost(options = 'size=128m,nr_inodes=100k'): Promise<TestHost> {
  const host = await jailHost(options, jails(3));
  await makeCanaries(host, uidOfOther);
  return host;
}

const fullDisks = [
  ['every inode', 'size=64m,nr_inodes=3000', /ENOSPC|No space left/],
  ['all the room', 'size=24m,nr_inodes=20k', /ENOSPC|No space left/],
] as const;

describe('a tenant that has used up', { timeout: 180_000 }, () => {
  test.for(fullDisks)(
    '%s does not stay when its user is not wanted any more',
    async ([, options]) => {
      await using host = await smallHost(options);
      await free(host, 3, ['fill']);
      await writeManifest(host, jails(2));
      await survives(host, 2, () => run(host, applying));
      await expectNothingToDo(host);
    },
  );

  test.for(fullDisks)('%s keeps no jail from going', async ([, options, why]) => {
    await using host = await smallHost(options);
    await free(host, 1, ['fill']);
    await free(host, 2, ['stopped']);
    await writeManifest(host, jails(4));
    await survives(host, 2, async () => {
      const grown = await host.jailctl(applying, bounded);
      expect(grown).toMatchObject({
        exitCode: exitCode.failed,
        stderr: expect.stringMatching(why),
      });
      await run(host, destroying);
    });
    expect(await shell(host, remains)).toBe('');
  });
});

describe('a neighbour that stays', { timeout: 180_000 }, () => {
  test('keeps no home from going that it holds open, and makes new files in', async () => {
    await using host = await smallHost();
    await free(host, 3, ['swap', 'move', 'links', 'deep']);
    await shell(host, 'chmod 0777 /srv/w/home/w3');
    await neighbour(host, 1, 3, ['descriptors', 'names', 'stopped']);
    await neighbour(host, 2, 3, ['descriptors', 'fifos', 'respawn']);
    await writeManifest(host, jails(2));
    await survives(host, 10, () => run(host, applying));
    await expectNothingToDo(host);
    expect(await shell(host, 'ls -A /srv/w/home /srv/w/.jailctl/scratch')).toBe(
      '/srv/w/.jailctl/scratch:\n\n/srv/w/home:\nw1\nw2\n',
    );
  });
});

describe('a plan', { timeout: 180_000 }, () => {
  test('tells of homes whose directories move all the time', async () => {
    await using host = await smallHost();
    await free(host, 1, ['move', 'move', 'swap', 'links']);
    for (let round = 0; round < 10; round++) {
      const planned = await host.jailctl(['destroy', '--yes', '--jail', 'w'], bounded);
      expect(planned).toMatchObject({
        exitCode: exitCode.refused,
        // What `du` has seen before the first move: nothing of it, sometimes, or all.
        stdout: expect.stringMatching(/- \/home\/w1: a user's data, [\d.]+ \w+, is deleted/),
      });
    }
  });
});

describe('data of the host that is mounted in a jail', () => {
  const mount = `
    mkdir -p /srv/precious/deep; echo data >/srv/precious/deep/file; echo data >/srv/single
    mkdir /srv/w/home/w1/a; chmod 0777 /srv/w/home/w1/a; mkdir /srv/w/home/w1/a/mnt
    mount --bind /srv/precious /srv/w/home/w1/a/mnt`;
  const files = 'stat -c "%n %i %h" /srv/precious /srv/precious/deep /srv/precious/deep/file';

  test.for([
    ['destroy', destroying, 3],
    ['a shrink', applying, 0],
  ] as const)('is a conflict for %s', async ([, args, users]) => {
    await using host = await smallHost();
    await shell(host, mount);
    const before = await shell(host, files);
    await writeManifest(host, jails(users));
    const refused = await survives(host, 1, () => host.jailctl(args, bounded));
    expect(refused).toMatchObject({
      exitCode: exitCode.refused,
      stdout: expect.stringContaining('is mounted in the jail: /srv/w/home/w1/a/mnt'),
    });
    expect(await shell(host, files)).toBe(before);
  });

  test.for([
    ['destroy', destroying, 3],
    ['a shrink', applying, 0],
  ] as const)('after the plan was made, it stops %s', async ([, args, users]) => {
    await using host = await smallHost();
    await writeManifest(host, jails(users));
    const ended = await survives(host, 1, () =>
      atTheAccounts(host, args, () => shell(host, mount)),
    );
    expect(ended).toMatchObject({
      exitCode: exitCode.failed,
      stderr: expect.stringMatching(/a file system is mounted at \/srv\/w\/home\/w1\/a\/mnt/),
    });
    expect(await shell(host, 'cat /srv/w/home/w1/a/mnt/deep/file')).toBe('data\n');
    await shell(host, 'umount /srv/w/home/w1/a/mnt');
    await run(host, args);
    expect(await shell(host, 'cat /srv/precious/deep/file')).toBe('data\n');
  });
});
