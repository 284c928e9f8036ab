import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reasonChain, sharesByRequest } from '../../src/desired/closure/explain.ts';
import { hostReader } from '../../src/host/reader.ts';
import { close, Scratch, whyLeftOut } from './host.ts';

describe('what programs load without saying so', () => {
  test('NSS for users comes with the C library, DNS and certificates with the network', () => {
    const names = (network: boolean) =>
      [...close(['ls'], { network }).entries.keys()].map((path) =>
        path.slice(path.lastIndexOf('/') + 1),
      );
    expect(names(false)).toContain('libnss_files.so.2');
    expect(names(false)).toContain('libgcc_s.so.1');
    expect(names(false)).not.toContain('libnss_dns.so.2');
    expect(names(false)).not.toContain('resolv.conf');
    expect(names(true)).toEqual(
      expect.arrayContaining(['libnss_dns.so.2', 'resolv.conf', 'hosts', 'services']),
    );
  });

  test('no private key comes with the certificates', () => {
    const { entries } = close(['ls'], { network: true });
    for (const path of entries.keys()) expect(path).not.toMatch(/\/private(\/|$)/);
  });

  test('settings that lead into /run are taken as plain files', () => {
    using scratch = new Scratch();
    const stub = scratch.file('stub-resolv.conf', 'nameserver 127.0.0.53\n');
    const stat = hostReader.lstat(stub);
    const target = '../run/systemd/resolve/stub-resolv.conf';
    const real = '/run/systemd/resolve/stub-resolv.conf';
    const link = hostReader.lstat('/usr/bin/python3') ?? hostReader.lstat('/bin');
    const directory = hostReader.lstat('/run');
    const reader = {
      ...hostReader,
      lstat: (path: string) =>
        path === '/etc/resolv.conf' && link
          ? { ...link, type: 'symlink' as const }
          : path === real
            ? stat
            : real.startsWith(`${path}/`)
              ? directory
              : hostReader.lstat(path),
      readLink: (path: string) =>
        path === '/etc/resolv.conf' ? target : hostReader.readLink(path),
    };
    const closure = close(['ls'], { network: true }, reader);
    expect(closure.entries.get('/etc/resolv.conf')?.entry).toMatchObject({
      type: 'file',
      source: { from: 'host', path: real },
    });
    expect(closure.entries.has('/run')).toBe(false);
  });

  test.skipIf(!existsSync('/usr/lib/locale/C.utf8'))(
    'C.UTF-8 comes along with libc, whatever the environment names, and not without it',
    () => {
      const locale = '/usr/lib/locale/C.utf8/LC_CTYPE';
      expect(close(['ls']).entries.has(locale)).toBe(true);
      expect(close(['ls'], { env: { LANG: 'C' } }).entries.has(locale)).toBe(true);
      expect(close(['/etc/debian_version']).entries.has(locale)).toBe(false);
    },
  );

  test('a locale that the host does not have is told; one with a slash is no path', () => {
    const closure = close(['ls'], { env: { LANG: 'xx_XX.UTF-8', LC_ALL: '../../../etc' } });
    const archive = closure.entries.has('/usr/lib/locale/locale-archive');
    expect(archive || whyLeftOut(closure, '/usr/lib/locale/xx_XX.UTF-8') !== undefined).toBe(true);
    expect(closure.entries.has('/etc')).toBe(false);
  });

  test('a jail whose /bin is a symlink on the host has that symlink', () => {
    const { entries } = close(['ls']);
    const merged = hostReader.lstat('/bin')?.type === 'symlink';
    expect(entries.has('/bin')).toBe(merged);
    if (merged)
      expect(entries.get('/bin')?.reason).toEqual({
        because: 'loaded-by-name',
        neededBy: '/usr/bin',
      });
  });

  test('a program without libraries brings only itself', () => {
    using scratch = new Scratch();
    const data = scratch.file('data', 'x');
    const { entries } = close([data], { env: { LANG: 'C.UTF-8', TERM: 'xterm' } });
    expect([...entries.keys()]).toEqual(['/tmp', scratch.path, data]);
  });
});

describe('explaining', () => {
  test('every path leads to a request', () => {
    const closure = close(['ls', 'bash', '/bin/sh', '/etc/ssl', 'jailkit:netbasics', '?java'], {
      network: true,
      env: { LANG: 'C.UTF-8', TERM: 'xterm' },
    });
    expect(closure.entries.size).toBeGreaterThan(20);
    for (const path of closure.entries.keys()) {
      const last = reasonChain(closure, path).at(-1);
      expect([path, last?.reason.because]).toEqual([path, 'requested']);
    }
  });

  test('a chain names each link on the way, and an unknown path has none', () => {
    const closure = close(['ls']);
    const libc = [...closure.entries.keys()].find((path) => path.endsWith('/libc.so.6')) ?? '';
    const chain = reasonChain(closure, libc);
    expect(chain[0]?.path).toBe(libc);
    expect(chain.at(-1)?.path).toBe('/usr/bin/ls');
    expect(reasonChain(closure, '/no/such')).toEqual([]);
  });

  test('each file counts once, for the request that brought it', () => {
    const closure = close(['ls', 'cat']);
    const files = [...closure.entries.values()].filter(({ entry }) => entry.type === 'file');
    const shares = sharesByRequest(closure);
    expect(shares.map(({ request }) => request.entry)).toEqual(['cat', 'ls']);
    expect(shares.reduce((sum, share) => sum + share.files, 0)).toBe(files.length);
    expect(shares.every(({ bytes }) => bytes > 0)).toBe(true);
  });
});
