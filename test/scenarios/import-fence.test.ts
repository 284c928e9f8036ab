import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { jailctlShell } from './cli.ts';
import { shell } from './jails.ts';
import { makeOldJails } from './old-way.ts';

/**
 * Connects as UID 1001 again and again, until it is told to end. It is a thread of root's whose
 * file system UID is 1001: the owner match looks at that of a socket's maker, and no process runs
 * as the user, which would forbid to take it over.
 */
const flood = `
import ctypes, os, socket, threading
setfsuid = ctypes.CDLL(None).setfsuid
counts = [0, 0]
def connect():
    setfsuid(1001)
    while not os.path.exists('/run/enough'):
        client = socket.socket()
        client.settimeout(0.005)
        try:
            client.connect(('127.0.0.1', 7777))
            counts[0] += 1
        except OSError:
            pass
        client.close()
        counts[1] += 1
threads = [threading.Thread(target=connect) for _ in range(4)]
for one in threads: one.start()
print('at work', flush=True)
for one in threads: one.join()
print(*counts, flush=True)
`;

/** What it prints, after `at work`: how many connections worked, and how many were tried. */
async function flooded(work: string): Promise<readonly [number, number]> {
  await using host = await testHost();
  await makeOldJails(host, [{ name: 'jail', users: 2, tools: [] }]);
  await host.ok(['sh', '-c', `${jailctlShell(['import', '--out', '/run/jails.yaml'])} 2>&1`]);
  await host.listen('tcp', '127.0.0.1', 7777);
  const tries = host.spawn(['/usr/bin/python3', '-c', flood]);
  await tries.printed('at work');
  await shell(host, work);
  await host.write('/run/enough', '');
  const { stdout } = await tries.result();
  const [through = -1, tried = -1] = (stdout.split('\n')[1] ?? '').split(' ').map(Number);
  return [through, tried];
}

const adopt = `${jailctlShell(['import', '--adopt', '--yes', '--file', '/run/jails.yaml'])} >/dev/null 2>&1`;

test('no packet of a user gets through while the fence takes the place of its rule', async () => {
  const [through, tried] = await flooded(adopt);
  expect(tried).toBeGreaterThan(50);
  expect(through).toBe(0);
}, 60_000);

test('the flood sees a rule that goes too early', async () => {
  const early = 'iptables -D OUTPUT -m owner --uid-owner 1001 -j DROP';
  const [through] = await flooded(`${early}\n${adopt}`);
  expect(through).toBeGreaterThan(0);
}, 60_000);
