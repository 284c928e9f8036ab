import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { exec } from './exec-jail.ts';
import { expectNothingToDo, shell, writeManifest } from './jails.ts';
import {
  applying,
  bounded,
  destroying,
  free,
  jailed,
  jailHost,
  jails,
  remains,
  run,
  survives,
  uidOfOther,
} from './tenant-host.ts';
import { attacks, canaries, makeCanaries, tenantArgv } from './tenants.ts';

/** As a tenant could where the sysctl fs.protected_hardlinks is 0. */
const plantHardLinks = `
  for name in /srv/outside/data /srv/outside/file /srv/outside/b/data /srv/x/home/x1/data; do
    ln $name /srv/w/home/w1/hard$(echo $name | tr / -)
  done`;

/** What a run leaves, each under a name that is copied out. */
const tornHome = `import os, sys, time
if os.fork() == 0: os.execvp(sys.argv[1], sys.argv[1:])
while not os.path.exists('swap/b/c/d/e/f/link'): time.sleep(0.01)
os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe'); open('sparse', 'w').truncate(8 << 20)
if os.fork() == 0:
    while True:
        os.symlink('/etc/passwd', 'next'); os.rename('next', 'out')
        open('next', 'w').write('mine'); os.rename('next', 'out')
while not os.path.exists('out'): time.sleep(0.01)`;

/** Tenants take all the processor time that they get. */
const patience = { timeout: 240_000 };

describe(
  'while tenants swap, move, link, nest, fork, and hold on to what they can',
  patience,
  () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await jailHost('size=512m,nr_inodes=100k', jails(3, ['ls'], true));
      await makeCanaries(host, uidOfOther);
      await free(host, 1);
      await jailed(host, 2);
      await free(host, 3);
    }, patience.timeout);
    afterAll(() => host[Symbol.asyncDispose]());

    test('an apply adds tools and users, and comes to an end', async () => {
      await writeManifest(host, jails(6, ['ls', 'cat', 'touch'], true));
      await survives(host, 3 * attacks.length, async () => {
        await run(host, applying);
        await expectNothingToDo(host);
      });
      const made = await shell(host, 'stat -c "%U %a" /srv/w/home/w6 /srv/w/usr/bin/touch');
      expect(made).toBe('w6 700\nroot 755\n');
    });

    test('users go, and their homes into archives', async () => {
      await free(host, 5);
      await jailed(host, 6);
      await writeManifest(host, jails(4, ['ls'], true));
      const args = [...applying, '--archive', '/root/archives'];
      await survives(host, 5 * attacks.length, () => run(host, args));
      await expectNothingToDo(host);
      const kept = await shell(
        host,
        `cd /root/archives; for one in w-w5-* w-w6-*; do
         tar --list --file $one | grep -c /deep/; stat -c '%U %a' $one
       done; ls -A /srv/w/home /srv/w/.jailctl/scratch`,
      );
      expect(kept).toMatch(/^(?:300\d\nroot 600\n){2}\/srv\/w\/\.jailctl\/scratch:\n\n/);
      expect(kept).toMatch(/home:\nw1\nw2\nw3\nw4\n$/);
    });

    test('a run copies files into a home and out of it that is torn apart', async () => {
      await shell(host, 'mkdir /root/out; echo kept >/root/out/kept');
      const chosen = ['swap', 'move', 'links', 'descriptors', 'stopped'] as const;
      const tenant = { uid: 0, home: '/home/w4', outside: '/etc', attacks: chosen };
      const names = ['in', 'out', 'link', 'pipe', 'sparse', 'swap/data', 'swap/link/passwd'];
      const options = [
        ...['--engine', 'runc', '--limit', 'processes=64', '--allow-raise'],
        ...['--copy-in', '/etc/canary:in'],
        ...names.flatMap((name) => [
          '--copy-out',
          `${name}:/root/out/${name.split('/').join('-')}`,
        ]),
      ];
      const argv = ['python3', '-c', tornHome, ...tenantArgv(tenant)];
      for (const _ of ['a new home', 'the one that the first run left']) {
        const { result } = await survives(host, 3 * attacks.length + chosen.length, () =>
          exec(host, { jail: 'w/w4', options, argv, ...bounded }),
        );
        const refused = ['link', 'pipe', 'swap/link/passwd'].map((from) =>
          expect.objectContaining({ from, error: expect.stringMatching(/link|file/) }),
        );
        expect(result).toMatchObject({ status: 'ok', copied_out: expect.arrayContaining(refused) });
      }
      expect(await shell(host, 'cd /root/out; cat in kept; ! grep root: *')).toBe('secret\nkept\n');
      const files = await shell(host, 'cd /root/out; stat -c "%U %a %F %h" * | sort -u');
      expect(files).toBe('root 644 regular file 1\n');
    });

    test('destroy ends them all, and leaves nothing', async () => {
      const before = await canaries(host);
      await survives(host, 5 * attacks.length, async () => {
        await shell(host, plantHardLinks);
        // What is compared does see a link that somebody makes.
        expect(await canaries(host)).not.toEqual(before);
        await free(host, 4);
        await run(host, destroying);
      });
      expect(await shell(host, remains)).toBe('');
    });
  },
);
