import { describe, expect, test } from 'vitest';
import { testHost } from './host.ts';

describe('the test host', () => {
  test('tells the whole complaint when a program fails that must not', async () => {
    await using host = await testHost();
    await expect(host.ok(['sh', '-c', 'echo out; echo err >&2; exit 4'])).rejects.toThrow(
      /ended with 4\nout\nerr/,
    );
  });

  test('writes a file with its directories and mode, and reads it back', async () => {
    await using host = await testHost();
    await host.write('/srv/deep/er/file', 'text\n', 0o640);
    expect(await host.read('/srv/deep/er/file')).toBe('text\n');
    expect(await host.ok(['stat', '--format=%a', '/srv/deep/er/file'])).toBe('640\n');
  });

  test('takes equal snapshots of the same state, though counters of rules go on', async () => {
    await using host = await testHost();
    await host.ok(['iptables', '--append', 'OUTPUT', '--jump', 'ACCEPT']);
    const before = await host.snapshot(['/etc']);
    expect(await host.ask('tcp', '127.0.0.1', 7000)).toBe('ECONNREFUSED');
    expect(await host.snapshot(['/etc'])).toEqual(before);
  });

  test.for([
    ['an account', 'useradd --no-create-home new'],
    ['an IPv4 rule', 'iptables --append OUTPUT --jump DROP'],
    ['an IPv6 rule', 'ip6tables --append OUTPUT --jump DROP'],
    ['a file', 'touch /srv/new'],
    ['content of the same size', 'printf b >/srv/file'],
    ['a mode', 'chmod 0600 /srv/file'],
    ['an owner', 'chown 5 /srv/file'],
    ['the target of a symlink', 'ln -sfn b /srv/link'],
    ['a mount', 'mount -t tmpfs tmpfs /mnt'],
  ])('sees %s in a snapshot', async ([, command = '']) => {
    await using host = await testHost();
    await host.ok(['sh', '-c', 'printf a >/srv/file; ln -s a /srv/link']);
    const before = await host.snapshot(['/srv']);
    await host.ok(['sh', '-c', command]);
    expect(await host.snapshot(['/srv'])).not.toEqual(before);
  });

  test('sees a packet filter at work, for one user and one family', async () => {
    await using host = await testHost();
    await using _tcp = await host.listen('tcp', '127.0.0.1', 7001);
    await using _udp = await host.listen('udp', '::1', 7001);
    const owner = ['--append', 'OUTPUT', '--match', 'owner', '--uid-owner', '71000'] as const;
    await host.ok(['iptables', ...owner, '--jump', 'REJECT']);
    await host.ok(['ip6tables', ...owner, '--jump', 'DROP']);
    const tcp = (user: number) => host.ask('tcp', '127.0.0.1', 7001, { user });
    const udp = (user: number) => host.ask('udp', '::1', 7001, { user });
    expect([await tcp(71000), await tcp(71001)]).toEqual(['ECONNREFUSED', 'answered']);
    expect([await udp(71000), await udp(71001)]).toEqual(['EPERM', 'answered']);
  });
});
