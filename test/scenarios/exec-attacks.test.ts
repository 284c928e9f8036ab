import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { engineHost, exec, leftovers, limit } from './exec-jail.ts';

const firstUid = 88000;
const mib = 2 ** 20;

const python = (script: string) => ['python3', '-c', script] as const;

/** Fills the buffers of loopback connections, which belong to no process, and counts their pages. */
const fillSockets = `
import os, socket
os.system('true')
server = socket.create_server(('127.0.0.1', 0))
held = []
for _ in range(24):
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    for end in (client, peer):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 23)
        try:
            while True:
                end.send(bytes(1 << 20))
        except OSError:
            pass
    held.append((client, peer))
memory = [line for line in open('/proc/net/sockstat') if line.startswith('TCP:')][0].split()
print(int(memory[memory.index('mem') + 1]) * 4096)
`;

const hugePage = `
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
for flags in (0x22, 0x22 | 0x40000):
    address = libc.mmap(None, 2 << 20, 3, flags, -1, 0)
    print('mapped' if address != 2 ** 64 - 1 else os.strerror(ctypes.get_errno()))
`;

describe.for(['runc', 'crun'])('a tenant, in a run by %s,', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost(
      engine,
      `uids: ${firstUid}-${firstUid + 999}
jails:
  box:
    users: 2
    requirements: [${requirement('python3')}]
    tools: [sh, ls, chmod, cat, id]
    limits: { processes: 8, wall_time: 20s, open_files: 256 }
`,
    );
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = (user: string, argv: readonly string[], ...options: string[]) =>
    exec(host, { jail: `box/${user}`, options: ['--engine', engine, ...options], argv });

  test('sees no home but its own, and its own is not read-only', async () => {
    await run('box1', ['sh', '-c', 'chmod 777 .; echo secret >note; chmod 666 note']);
    const other = await run('box2', ['sh', '-c', 'ls /home; cat /home/box1/note; echo >mine; ls']);
    expect(other.output).toMatch(/^box2\nmine\ncat: /);
    expect(other.output).not.toContain('secret');
    const own = await run('box1', ['cat', 'note']);
    expect(own.output).toBe('secret\n');
  });

  test('can open its home to others for one run only', async () => {
    await run('box1', ['chmod', '0777', '.']);
    expect(await host.ok(['stat', '--format=%a', '/srv/box/home/box1'])).toBe('777\n');
    await run('box1', ['true']);
    expect(await host.ok(['stat', '--format=%a', '/srv/box/home/box1'])).toBe('700\n');
  });

  test('leaves nothing of its home when that is emptied, not the directory either', async () => {
    const inode = () => host.ok(['stat', '--format=%i', '/srv/box/home/box1']);
    const before = await inode();
    await run('box1', ['sh', '-c', 'echo >a; chmod 0 .'], '--clean-home');
    expect(await inode()).not.toBe(before);
    expect(await host.ok(['stat', '--format=%a %u', '/srv/box/home/box1'])).toBe(
      `700 ${firstUid}\n`,
    );
    expect(await host.ok(['ls', '-A', '/srv/box/home/box1'])).toBe('');
    const plan = await host.jailctl(['plan', '--detailed-exitcode', '--file', '/srv/jails.yaml']);
    expect(plan.exitCode).toBe(0);
  });

  test('can not hold more memory in sockets than in its processes', async () => {
    const { output, result } = await run('box1', python(fillSockets), ...limit('memory=64MiB'));
    const bytes = Number(output);
    if (result.status === 'ok') expect(bytes).toBeLessThan(80 * mib);
    else expect(result.status).toBe('memory_limit');
  });

  test('gets no huge pages, which no cgroup of memory counts', async () => {
    const { output } = await run('box1', python(hugePage));
    expect(output).toBe('mapped\nFunction not implemented\n');
  });

  test('can not write to the terminal of whoever reads the result', async () => {
    const argv = ['exec', '--json', '--engine', engine, 'box/box1', '--'];
    const script = "import sys; sys.stdout.buffer.write(b'\\xc2\\x9b2J\\xe2\\x80\\xae\\x1b[2J')";
    const { stdout } = await host.jailctl([...argv, ...python(script)]);
    for (const sign of ['\u009b', '\u202e', '\u001b']) expect(stdout).not.toContain(sign);
    expect(JSON.parse(stdout).stdout).toBe('\u009b2J\u202e\u001b[2J');
  });

  test('has left nothing', async () => {
    expect(await leftovers(host, firstUid)).toBe('');
  });
});
