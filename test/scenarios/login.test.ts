import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requirement } from './cli.ts';
import { apply, expectNothingToDo, shell, writeManifest } from './jails.ts';
import { type LoginHost, loginHost, otherKeyFile } from './login-host.ts';

/** Logins to a jail: what works, and that there is no way out of it. */
let host: LoginHost;

beforeAll(async () => {
  host = await loginHost();
  await writeManifest(
    host,
    `root: /srv
defaults:
  limits: { processes: 12, open_files: 48, file_size: 2MiB, cpu_time: 2m }
jails:
  web:
    users: 2
    login: chroot
    authorized_keys: ['${host.key}']
    requirements: [${requirement('python3')}]
    tools: [bash, cat, env, id, ls, scp, sleep]
  shut: { users: 1, tools: [bash] }
`,
  );
  await apply(host);
  await plantIn('/srv/web/home/web1', 'web1');
  await plantIn('/srv/shut/home/shut1', 'shut1');
  await plantIn('/home/ann', 'ann', '>>');
});
afterAll(() => host[Symbol.asyncDispose]());

const log = '/run/sshd.log';

/** What sshd reads in a home on the host, as a tenant would write it. */
async function plantIn(home: string, user: string, how = '>'): Promise<void> {
  await shell(
    host,
    `mkdir -p ${home}/.ssh; cd ${home}/.ssh
     cat ${otherKeyFile}.pub ${how} authorized_keys
     echo PLANTED=yes > environment; echo 'echo ran > /tmp/${user}-ran' > rc
     chown -R ${user}:${user} .; chmod 0700 .; chmod 0600 *`,
  );
}

describe('who logs in to a jail', () => {
  test('has nothing left to apply', () => expectNothingToDo(host));

  test('is that user, in its home, and sees the jail and nothing else', async () => {
    expect(await host.says('web1', 'id -un; pwd; cat /etc/passwd; ls -A /..')).toBe(
      `web1
/home/web1
web1:x:70001:70001:web1:/home/web1:/usr/bin/bash
web2:x:70002:70002:web2:/home/web2:/usr/bin/bash
${await shell(host, 'ls -A /srv/web')}`,
    );
    expect(await host.says('web2', 'id -un')).toBe('web2\n');
  });

  test('has nothing of the environment of the host', async () => {
    const names = (await host.says('web1', 'env')).split('\n').map((line) => line.split('=')[0]);
    const own = ['', 'HOME', 'PWD', 'SHELL', 'SHLVL', 'USER', 'USERNAME', '_'];
    expect(names.filter((name) => !own.includes(name ?? ''))).toEqual([]);
  });

  test('has the limits of the jail, and can not raise them', async () => {
    const limits = 'for limit in u n f t c; do ulimit -H -$limit; done; ulimit -S -n';
    expect(await host.says('web1', limits)).toBe('12\n48\n2048\n120\n0\n48\n');
    expect(await host.says('web1', 'ulimit -n 1024')).toMatch(/Operation not permitted\nended/);
    const large = `python3 -c 'open("large", "wb").write(bytes(3 << 20))'`;
    expect(await host.says('web1', large)).toContain('File too large');
    const many = `python3 -c 'import os, time; [os.fork() or (time.sleep(2), os._exit(0)) for _ in range(20)]'`;
    expect(await host.says('web2', many)).toContain('Resource temporarily unavailable');
  });

  test('copies files by sftp, and by scp in both of its ways', async () => {
    await host.write('/root/sent', 'sent');
    const got = await host.sftp('web1', 'put /root/sent\nget sent /root/got\nls -1 /\n');
    const seen = (await shell(host, 'ls /srv/web')).replace(/^/gm, '/').slice(0, -1);
    expect(got).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`ls -1 /\n${seen}`) });
    expect(await host.read('/root/got')).toBe('sent');
    const flags = '-F none -i /root/login -o StrictHostKeyChecking=no -o LogLevel=ERROR';
    for (const [index, way] of ['-s', '-O'].entries()) {
      await shell(
        host,
        `cd /root; scp ${way} ${flags} sent web1@127.0.0.1:by${index}
         scp ${way} ${flags} web1@127.0.0.1:by${index} got${index}; cmp sent got${index}`,
      );
    }
    expect(await shell(host, 'stat -c %U /srv/web/home/web1/by0')).toBe('web1\n');
  });
});

/** What ssh says when sshd lets nobody in. */
const refused = { exitCode: 255, stderr: expect.stringMatching(/Permission denied \(publickey\)/) };

describe('nobody gets in', () => {
  test('by a key that a tenant has written into its home', async () => {
    expect(await host.ssh('ann', ['--', 'id -un'], { key: otherKeyFile })).toMatchObject({
      stdout: 'ann\n',
    });
    for (const user of ['web1', 'web2']) {
      expect(await host.ssh(user, ['--', 'id'], { key: otherKeyFile })).toMatchObject(refused);
    }
  });

  test('by a certificate of an authority that the host trusts', async () => {
    await shell(host, 'ssh-keygen -q -s /etc/ssh/authority -I any -n ann,web1 /root/certified.pub');
    const withIt = (user: string) => host.ssh(user, ['--', 'id -un'], { key: '/root/certified' });
    expect(await withIt('ann')).toMatchObject({ stdout: 'ann\n' });
    expect(await withIt('web1')).toMatchObject(refused);
  });

  test('by a key that a program of the host vouches for', async () => {
    await host.write('/etc/ssh/vouch', `#!/bin/sh\ncat /root-vouched\n`, 0o755);
    await shell(host, 'cp /root/certified.pub /root-vouched; rm -f /root/certified-cert.pub');
    const withIt = (user: string) => host.ssh(user, ['--', 'id -un'], { key: '/root/certified' });
    expect(await withIt('ann')).toMatchObject({ stdout: 'ann\n' });
    expect(await withIt('web1')).toMatchObject(refused);
  });

  test('by a password: none is asked for', async () => {
    const flags = ['-o', 'PubkeyAuthentication=no'];
    const asked = expect.stringContaining('(publickey,password)');
    expect(await host.ssh('ann', [...flags, '--', 'id'])).toMatchObject({ stderr: asked });
    expect(await host.ssh('web1', [...flags, '--', 'id'])).toMatchObject(refused);
  });

  test('to a jail without logins, whatever key its home has', async () => {
    expect(await host.ssh('shut1', ['--', 'id'], { key: otherKeyFile })).toMatchObject(refused);
    // Without what jailctl tells sshd, too: a host may have got its sshd later.
    await shell(host, 'mv /etc/ssh/sshd_config.d/jailctl.conf /run');
    await reload();
    const before = (await host.read(log)).length;
    const files = await host.sftp('shut1', 'ls /\n', { key: otherKeyFile });
    expect(files).toMatchObject({ exitCode: 255, stdout: '' });
    const logged = (await host.read(log)).slice(before);
    await shell(host, 'mv /run/jailctl.conf /etc/ssh/sshd_config.d');
    await reload();
    expect(logged).toContain('Access denied for user shut1 by PAM account configuration');
  });
});

async function reload(): Promise<void> {
  await shell(
    host,
    `touch --reference=/run/sshd.pid /run/before
     kill -HUP "$(cat /run/sshd.pid)"; until test /run/sshd.pid -nt /run/before; do :; done`,
  );
}

describe('there is no way out', () => {
  test('by a connection that sshd makes: ssh -L, -D, -W', async () => {
    await using _server = await host.listen('tcp', '127.0.0.1', 7001);
    expect(await host.ssh('ann', ['-W', '127.0.0.1:7001'])).toMatchObject({ stdout: 'hello' });
    const before = (await host.read(log)).length;
    const shut = { exitCode: 255, stdout: '' };
    expect(await host.ssh('web1', ['-W', '127.0.0.1:7001'])).toMatchObject(shut);
    // The packet rules would refuse it, too.
    expect((await host.read(log)).slice(before)).toContain('refused local port forward');
  });

  test.for([
    ['a port', '7002:127.0.0.1:22'],
    ['a socket', '/tmp/forwarded:127.0.0.1:22'],
  ])('by a server that sshd becomes, at %s: ssh -R', async ([, forward = '']) => {
    const flags = ['-o', 'ExitOnForwardFailure=yes', '-R', forward, '--', 'id -un'];
    expect(await host.ssh('ann', flags)).toMatchObject({ exitCode: 0, stdout: 'ann\n' });
    await shell(host, 'rm -f /tmp/forwarded');
    expect(await host.ssh('web1', flags)).toMatchObject({ exitCode: 255, stdout: '' });
  });

  test('to a socket of the host that sshd connects to: ssh -L', async () => {
    const serve = `
import socket
server = socket.socket(socket.AF_UNIX)
server.bind('/tmp/service')
__import__('os').chmod('/tmp/service', 0o777)
server.listen()
print('listening', flush=True)
while True:
    client, _ = server.accept()
    client.sendall(b'hello')
    client.close()
`;
    const ask = `
import socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
print(client.recv(9).decode())
`;
    await using server = host.spawn(['/usr/bin/python3', '-c', serve]);
    await server.printed('listening');
    const answer = async (user: string) => {
      const forward = `/run/to-${user}:/tmp/service`;
      const flags = ['-o', 'ExitOnForwardFailure=yes', '-L', forward, '--', 'echo there; sleep 60'];
      await using session = host.startSsh(user, flags);
      await session.printed('there');
      return await host.ok(['/usr/bin/python3', '-c', ask, `/run/to-${user}`]);
    };
    expect(await answer('ann')).toBe('hello\n');
    expect(await answer('web1')).toBe('\n');
  });

  test('by files in the home that sshd runs or reads on the host', async () => {
    expect(await host.says('ann', 'echo $PLANTED')).toBe('yes\n');
    expect(await host.says('web1', 'echo $PLANTED')).toBe('\n');
    expect(await shell(host, 'ls /tmp | grep ran')).toBe('ann-ran\n');
  });

  test.for(['127.0.0.1', '::1'])('to the network of the host: %s', async (address) => {
    await using _server = await host.listen('tcp', address, 7003);
    expect(await host.ask('tcp', address, 7003)).toBe('answered');
    const script = `python3 -c 'import socket; socket.create_connection(("${address}", 7003))'`;
    expect(await host.says('ann', script)).toBe('');
    expect(await host.says('web1', script)).toContain('Connection refused');
  });

  test('to the processes of sshd that have the same user', async () => {
    await using session = host.startSsh('web1', ['--', 'echo there; sleep 60']);
    await session.printed('there');
    // 16: PTRACE_ATTACH.
    const trace = `python3 -c 'import ctypes, os
libc = ctypes.CDLL("libc.so.6")
others = [pid for pid in range(2, 4000) if pid != os.getpid()]
print(*[pid for pid in others if libc.ptrace(16, pid, 0, 0) == 0])'`;
    const traced = (await host.says('web1', trace)).trim().split(' ');
    const names = traced.map((pid) => `/proc/${pid}/comm`);
    // Programs of other logins, which are in the jail, too.
    expect(await shell(host, `cat ${names.join(' ')} | sort --unique`)).toBe('sleep\n');
    expect(await shell(host, 'ps --user web1 --format comm=')).toContain('sshd');
  });
});
