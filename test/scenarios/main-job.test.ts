import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import type { Protocol } from '../rig/network.ts';
import { apply, expectNothingToDo, inJail, jailUsers, shell, writeManifest } from './jails.ts';

const jails = `
uids: 71000-71999
jails:
  web: { users: 3, tools: [python3, '/usr/lib/python3.*', ls, find, cat, sh] }
  judge: { users: 40, tools: [bash, perl, find] }
  offline: { users: 0, tools: [sh] }
`;

/** The last two are addresses of the host beside its loopback ones. */
const addresses = ['127.0.0.1', '::1', '10.99.0.1', 'fd99::1'];
const port = 7100;

describe('three jails applied on a host', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, 'ip address add 10.99.0.1/32 dev lo; ip address add fd99::1/128 dev lo');
    await writeManifest(host, jails);
    await apply(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('have the users that the manifest says, each with a UID of its own', async () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
    const names = [
      ...numbers(40).map((number) => `judge${number}`),
      ...numbers(3).map((number) => `web${number}`),
    ];
    expect(await jailUsers(host)).toEqual(
      Object.fromEntries(names.map((name, index) => [name, 71000 + index])),
    );
  });

  test('have accounts with a private group, no shell and a home in the jail', async () => {
    expect(await host.ok(['getent', 'passwd', 'web1'])).toBe(
      'web1:x:71040:71040:jailctl jail web:/web/home/web1:/usr/sbin/nologin\n',
    );
    expect(await host.ok(['id', 'judge40'])).toBe(
      'uid=71039(judge40) gid=71039(judge40) groups=71039(judge40)\n',
    );
  });

  test('have locked passwords only, never a hash', async () => {
    const lines = (await host.ok(['getent', 'shadow'])).split('\n');
    const ours = lines.filter((line) => /^(?:web|judge)\d/.test(line));
    expect(ours).toHaveLength(43);
    for (const line of ours) expect(line).toMatch(/^[a-z]+\d+:(?:!\*|!):/);
    const groups = (await shell(host, 'cat /etc/gshadow')).split('\n');
    for (const line of groups.filter((one) => /^(?:web|judge)\d/.test(one))) {
      expect(line).toMatch(/^[a-z]+\d+:!::$/);
    }
  });

  test('run Python for each user by plain chroot', async () => {
    const script =
      'import os, json, ssl; print(os.getuid(), os.getgid(), os.getgroups(), os.listdir("/home"))';
    for (const [index, user] of ['web1', 'web2', 'web3'].entries()) {
      const id = 71040 + index;
      const said = await inJail(host, user, '/web', ['python3', '-c', script]);
      expect(said).toMatch(new RegExp(`^${id} ${id} \\[(?:${id})?\\] \\['web`));
    }
  });

  test('run Perl for each of 40 users by plain chroot', async () => {
    const script = `for n in $(seq 40); do
      chroot --userspec="judge$n" /judge perl -e 'print "$< $(\n"' || exit
      chroot --userspec="judge$n" /judge bash -c 'echo "$UID"'
    done`;
    const uids = Array.from({ length: 40 }, (_, index) => 71000 + index);
    const lines = (await shell(host, script)).trim().split('\n');
    expect(lines).toEqual(uids.flatMap((uid) => [`${uid} ${uid} ${uid}`, String(uid)]));
  });

  test.for(
    (['tcp', 'udp'] as const).flatMap((protocol) =>
      addresses.map((address): [Protocol, string] => [protocol, address]),
    ),
  )('refuse their users %s to %s, which works for others', async ([protocol, address]) => {
    await using _server = await host.listen(protocol, address, port);
    const refused = protocol === 'tcp' ? 'ECONNREFUSED' : 'EPERM';
    const asked = (user: number) => host.ask(protocol, address, port, { user });
    expect([await asked(71000), await asked(71042), await asked(71999)]).toEqual([
      refused,
      refused,
      refused,
    ]);
    expect([await asked(0), await asked(70999), await asked(72000)]).toEqual([
      'answered',
      'answered',
      'answered',
    ]);
  });

  test('refuse their users the network from inside the jail too', async () => {
    await using _server = await host.listen('tcp', '127.0.0.1', port);
    const script = `import socket; print(socket.socket().connect_ex(('127.0.0.1', ${port})))`;
    expect(await host.ok(['python3', '-c', script])).toBe('0\n');
    expect(await inJail(host, 'web2', '/web', ['python3', '-c', script])).toBe('111\n');
  });

  test('let a user write nowhere but in its home', async () => {
    const writable = (user: string, jail: string) =>
      inJail(host, user, jail, [
        'find',
        '/',
        '-writable',
        '!',
        '-type',
        'l',
        '!',
        '-path',
        '/dev/*',
      ]);
    // find(1) complains about what it may not read, and that is every home but its own.
    expect((await writable('web2', '/web')).split('\n').filter((line) => line[0] === '/')).toEqual([
      '/home/web2',
    ]);
    expect(
      (await writable('judge7', '/judge')).split('\n').filter((line) => line[0] === '/'),
    ).toEqual(['/home/judge7']);
    const attempt = `find / -type d -exec sh -c 'for d; do true >"$d/x" && echo "$d"; done' sh {} +`;
    const made = await inJail(host, 'web2', '/web', ['sh', '-c', `(${attempt}) 2>/dev/null`]);
    expect(made.split('\n').filter((line) => line[0] === '/')).toEqual(['/home/web2']);
  });

  test('let a user read everything but what is of others', async () => {
    const unreadable = await inJail(host, 'web1', '/web', ['find', '/', '!', '-readable']);
    const named = unreadable.split('\n').filter((line) => line[0] === '/');
    expect(named.sort()).toEqual(['/.jailctl', '/home/web2', '/home/web3']);
  });

  test('keep the homes of other users closed', async () => {
    await shell(host, 'echo secret >/web/home/web1/file; chmod 0777 /web/home/web1/file');
    const script = 'cat /home/web1/file; ls /home/web1; echo x >/home/web1/new; cd /home/web1';
    const said = await inJail(host, 'web2', '/web', ['sh', '-c', script]);
    expect(said).not.toContain('secret');
    expect(said.match(/denied|can't cd|cannot/gi)?.length).toBeGreaterThanOrEqual(4);
    expect(await inJail(host, 'web1', '/web', ['cat', '/home/web1/file'])).toBe('secret\n');
  });

  test('need nothing more: a second plan is empty, and apply says so', async () => {
    await expectNothingToDo(host);
    expect(await apply(host)).toBe('Nothing to do: this host is as the manifest says.\n');
  });
});
