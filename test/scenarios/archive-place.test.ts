import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { archives, destroying, hide, place, sharedHost, withData } from './archives.ts';
import { stateOf } from './cli.ts';
import { apply, expectNothingToDo, shell } from './jails.ts';

const shared = sharedHost();
let host: TestHost;
beforeEach(() => {
  host = shared();
});

describe('a place for archives', () => {
  beforeAll(() => withData(shared()));

  test.for([
    ['everybody can write to', `mkdir -m 0777 ${place}`, place],
    ['a group can write to', `mkdir -m 0775 ${place}`, place],
    ['belongs to a user', `mkdir ${place}; chown 1000 ${place}`, place],
    ['lies below one of a user', `mkdir ${place}; chown 1000 ${place}`, `${place}/a/b`],
    ['lies below /tmp', 'true', '/tmp/kept'],
    ['is in a jail', 'true', '/web/home/web1/kept'],
    ['is the jail', 'true', '/web'],
    ['is a link into a jail', `ln -s /web/home/web1 ${place}`, place],
    ['leads through a link into a jail', `ln -s /web/home ${place}`, `${place}/web1`],
    ['is a file', `touch ${place}`, place],
  ])('is refused, and nothing is done: one that %s', async ([, setup = '', directory = '']) => {
    await shell(host, setup);
    const before = await stateOf(host);
    const result = await host.jailctl([...destroying, '--archive', directory]);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.stdout).toContain(`! ${directory} is no safe place for the homes of jail web: `);
    expect(result.stdout).toContain('--no-archive');
    expect(await stateOf(host)).toEqual(before);
    await shell(host, `rm -rf ${place}`);
  });

  test('is of no use without a program to compress: nothing is done', async () => {
    await shell(host, `${hide('zstd')}; ${hide('gzip')}`);
    const before = await stateOf(host);
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.stdout).toContain('! the host has no zstd and no gzip to archive homes with');
    expect(await stateOf(host)).toEqual(before);
  });

  test.for([
    ['others can write to it', 'chmod 0777', 4],
    ['it leads into a jail', 'rmdir $p; ln -s /web/home/web1', 3],
  ] as const)('is looked at again before it is used: %s', async ([, command, exitCode]) => {
    await withData(host);
    // vipw(8) is run when the accounts go: after the plan, before the archive.
    await shell(
      host,
      `mkdir ${place}; cd /usr/sbin; mv vipw vipw-real
       printf '#!/bin/sh\np=${place}; ${command} $p\nexec vipw-real "$@"\n' >vipw; chmod 0755 vipw`,
    );
    const result = await host.jailctl([...destroying, '--archive', place]);
    await shell(host, 'mv /usr/sbin/vipw-real /usr/sbin/vipw');
    expect(result.exitCode, result.stderr).toBe(exitCode);
    expect(result.stderr).toContain(`can't archive /web/home/web2 in ${place}`);
    expect(await shell(host, `cat /web/home/web2/file; ls -A /web/home/web1 ${place}/`)).toBe(
      `mine\n${place}/:\n\n/web/home/web1:\n`,
    );
    await shell(host, `rm -rf ${place}`);
  });

  test('that is full keeps no half archive, and the home stays', async () => {
    await shell(
      host,
      `mkdir ${place}; mount -t tmpfs -o size=1m,mode=0700 tmpfs ${place}
       head -c 3000000 /dev/urandom >/web/home/web2/random`,
    );
    const digest = await shell(host, 'sha256sum /web/home/web2/*');
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`can't archive /web/home/web2 in ${place}`);
    expect(result.stderr).toMatch(/no space left/i);
    expect(await archives(host)).toEqual([]);
    expect(await shell(host, 'sha256sum /web/home/web2/*')).toBe(digest);
    // It converges, either way.
    await shell(host, `umount ${place}`);
    await apply(host);
    await expectNothingToDo(host);
    expect(await shell(host, 'sha256sum /web/home/web2/*')).toBe(digest);
    const again = await host.jailctl([...destroying, '--archive', place]);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await archives(host)).toHaveLength(1);
  });
});
