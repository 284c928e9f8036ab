import { beforeEach, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { archives, destroying, hide, oneJail, place, sharedHost, withData } from './archives.ts';
import { jailctlPath } from './cli.ts';
import { manifestPath, shell, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;

const shared = sharedHost();
let host: TestHost;
beforeEach(() => {
  host = shared();
});

/** What a home may hold, and a tar archive with it; hard links, holes, odd names, no rights. */
const content = `
  cd /web/home/web2; umask 022
  printf 'one\\0two\\n' >plain; ln plain twin; ln -s /etc/shadow link; ln -s nowhere broken
  mkfifo fifo; mkdir -p deep/er; echo x >"deep/er/$(printf 'a\\nb c\\377')"; echo -- >-rf
  truncate --size 40M sparse; printf end >>sparse; echo secret >closed; chmod 0 closed
  mkdir locked; echo in >locked/file; chmod 0 locked; printf '#!x' >suid; chmod 4755 suid
  chown -R --no-dereference web2: .; chmod 4755 suid; touch --date=@1234567890 plain
  head -c 3000000 /dev/urandom >random`;

/** Everything of the tree below a directory, a line for each path. */
const listing = (directory: string) =>
  `cd ${directory}; find . -printf '%P|%y|%m|%U:%G|%n|%s|%T@|%l\\0' | sort -z | tr '\\0' '\\n'
   find . -type f -print0 | sort -z | xargs -0 sha256sum`;

describe('the archive of a home', () => {
  test.for([
    ['zstd', 'zst', 'true'],
    ['gzip', 'gz', hide('zstd')],
  ])('holds all of it, and root alone can read it: %s', async ([program, suffix, setup = '']) => {
    await withData(host);
    await shell(host, `${setup}\n${content}`);
    const before = await shell(host, listing('/web/home/web2'));
    await shell(
      host,
      `python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/web/home/web2/s")'`,
    );
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).not.toContain('socket');
    await shell(host, 'test ! -e /web');

    // The other home was empty.
    const [name, ...others] = await archives(host);
    expect(others).toEqual([]);
    expect(name).toMatch(new RegExp(`^web-web2-\\d{8}T\\d{6}Z\\.tar\\.${suffix}$`));
    expect(await shell(host, `stat --format=%a:%U:%G:%h ${place} ${place}/${name}`)).toBe(
      '700:root:root:2\n600:root:root:1\n',
    );
    const unpack = `mkdir ${place}/x; ${program} -dc ${place}/${name} | tar --extract --numeric-owner`;
    await shell(host, `${unpack} --preserve-permissions --directory ${place}/x`);
    expect(before).toContain('sparse|f|644|');
    // Times to the second; the home's own is that of its socket.
    const comparable = (text: string) =>
      text.replace(/^\|d\|.*$/m, '').replaceAll(/\|(\d+)\.\d+\|/g, '|$1|');
    const unpacked = await shell(host, listing(`${place}/x/web2`));
    expect(comparable(unpacked)).toBe(comparable(before));
    const blocks = await shell(host, `stat --format=%b ${place}/x/web2/sparse`);
    expect(Number(blocks)).toBeLessThan(100);
    await shell(host, `rm -r ${place}`);
  });

  test('can be made of a tree deeper than any path', async () => {
    await withData(host);
    const script = `
import os
os.chdir('/web/home/web2')
for _ in range(300):
    os.mkdir('d' * 100); os.chdir('d' * 100)
open('bottom', 'w').write('deep')`;
    await host.ok(['python3', '-c', script]);
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result.exitCode, result.stderr).toBe(0);
    const held = await shell(host, `tar --list --file ${place}/web-web2-*`);
    expect(held).toContain(`/${'d'.repeat(100)}/bottom\n`);
  });

  test('is made for a home of a user that goes, and a second one gets another name', async () => {
    const names = new Set<string>();
    for (const _ of [1, 2]) {
      await withData(host);
      await writeManifest(host, oneJail().replace('users: 2', 'users: 1'));
      const args = ['apply', '--yes', '--destroy-data', ...file, '--archive', 'kept'];
      const result = await host.jailctl(args, { cwd: '/srv' });
      expect(result.exitCode, result.stderr).toBe(0);
      for (const name of await archives(host)) names.add(name);
      // The second of the clock is in the name.
      await shell(host, `t=$(date +%s); while [ $(date +%s) = $t ]; do sleep 0.1; done`);
    }
    expect(names.size).toBe(2);
  });

  test('that does not hold what the home holds is none, and the home stays', async () => {
    await withData(host);
    // It compresses nothing at all, says that all is well, and decompresses as the real one.
    await shell(
      host,
      `${hide('zstd')}; cd /usr/bin
       printf '#!/bin/sh\n[ $# -gt 0 ] || exec /opt/hidden/zstd -c </dev/null\n' >zstd
       printf 'exec /opt/hidden/zstd "$@"\n' >>zstd; chmod 0755 zstd`,
    );
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('the archive does not hold what the home holds');
    expect(await archives(host)).toEqual([]);
    expect(await host.read('/web/home/web2/file')).toBe('mine\n');
  });

  test('does not take the name of one that is there', async () => {
    await withData(host);
    // Names of the next minute, so that one of them would be taken.
    await shell(
      host,
      `install -d -m 0700 ${place}; cd ${place}; now=$(date +%s)
       for n in $(seq 0 60); do
         echo old >web-web2-$(date --utc --date=@$((now + n)) +%Y%m%dT%H%M%SZ).tar.zst
       done`,
    );
    const result = await host.jailctl([...destroying, '--archive', place]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await shell(host, `ls ${place} | grep -c Z-2.tar.zst`)).toBe('1\n');
    expect(await shell(host, `cat ${place}/*Z.tar.zst | sort -u`)).toBe('old\n');
    const held = await shell(host, `tar --list --file ${place}/*Z-2.tar.zst`);
    expect(held).toContain('web2/file\n');
  });
});

describe('the field archive', () => {
  test.for([
    ['of a jail', oneJail(`, archive: ${place}`)],
    ['of all jails', `defaults: { archive: ${place} }\n${oneJail()}`],
  ])('%s is kept on the jail: destroy needs no manifest', async ([, manifest]) => {
    await withData(host, manifest);
    await shell(host, `rm ${manifestPath}`);
    const result = await host.jailctl(destroying);
    expect(result.exitCode, result.stderr).toBe(0);
    const [name] = await archives(host);
    expect(
      await shell(host, `zstd -dc ${place}/${name} | tar --extract --to-stdout web2/file`),
    ).toBe('mine\n');
  });

  test('holds when the jail is gone from the manifest, and gives way to the flags', async () => {
    await withData(host, oneJail(`, archive: ${place}`));
    await writeManifest(host, 'jails: {}\n');
    const args = ['apply', '--yes', '--destroy-data', ...file];
    expect(await host.jailctl(args)).toMatchObject({ exitCode: 0 });
    expect(await archives(host)).toHaveLength(1);

    await withData(host, oneJail(`, archive: ${place}`));
    const other = ['--archive', '/srv/other'];
    expect(await host.jailctl([...destroying, ...other])).toMatchObject({ exitCode: 0 });
    expect([await archives(host), await archives(host, '/srv/other')]).toMatchObject([[], [{}]]);

    await withData(host, oneJail(`, archive: ${place}`));
    const none = await host.jailctl(destroying, { env: { JAILCTL_NO_ARCHIVE: '1' } });
    expect(none).toMatchObject({ exitCode: 0 });
    expect(await archives(host)).toEqual([]);
    await shell(host, 'rm -r /srv/other');
  });

  test('that is empty on the command line is a mistake', async () => {
    expect(await host.jailctl([...destroying, '--archive', ''])).toMatchObject({ exitCode: 3 });
  });
});

describe('when jailctl is killed', () => {
  const destroyed = () =>
    host.spawn([process.execPath, jailctlPath, ...destroying, '--archive', place]);
  /** As shell text: waits until something is there, then kills jailctl. */
  const killOnce = (there: string) =>
    `until ls ${there} >/dev/null 2>&1; do sleep 0.01; done
     kill -9 $(sed 's/pid \\([0-9]*\\),.*/\\1/' /run/jailctl.lock)`;

  /** The next destroy ends it; every archive is whole, and no part of one is left. */
  async function expectNothingLost(): Promise<void> {
    const again = await host.jailctl([...destroying, '--archive', place]);
    expect(again.exitCode, again.stderr).toBe(0);
    await shell(host, 'test ! -e /web');
    const names = await archives(host);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(name).toMatch(/^web-web2-/);
      const unpack = `zstd -dc ${place}/${name} | tar --extract --to-stdout web2/file`;
      expect(await shell(host, unpack)).toBe('mine\n');
    }
  }

  test('in the middle of an archive, nothing is lost', async () => {
    await withData(host);
    // In the place of zstd(1), a program that tells that it was started, and waits for its end.
    await shell(
      host,
      `mkfifo /run/hold; ${hide('zstd')}; cd /usr/bin
       printf '#!/bin/sh\\n: >/run/started\\nread x </run/hold\\n' >zstd; chmod 0755 zstd`,
    );
    await using running = destroyed();
    await shell(host, killOnce('/run/started'));
    expect(await running.result()).toMatchObject({ signal: 'SIGKILL' });
    await shell(host, 'mv /opt/hidden/zstd /usr/bin; echo >/run/hold; rm /run/hold');
    expect((await archives(host)).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(await host.read('/web/home/web2/file')).toBe('mine\n');
    await expectNothingLost();
  });

  test('between the archive and the removal, nothing is lost', async () => {
    await withData(host);
    await using running = destroyed();
    await shell(host, killOnce(`${place}/web-*`));
    await running.result();
    await expectNothingLost();
  });
});
