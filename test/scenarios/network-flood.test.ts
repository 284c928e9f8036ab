import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { apply, destroy, expectNothingToDo, shell, writeManifest } from './jails.ts';

const first = 80000;
const last = 80023;

/**
 * Connects and sends over both families as each UID of the pool in turn, again and again, until
 * the file is there. The owner of a socket is who was the effective user when it was made. jailctl
 * kills what runs as a user that goes, so a child floods, and another one takes its place. Prints
 * how often each UID tried and how many tries got through.
 */
const flood = `
import mmap, os, socket, sys
first, last = int(sys.argv[1]), int(sys.argv[2])
counts = memoryview(mmap.mmap(-1, 24)).cast('q')
ROUNDS, THROUGH = 0, {socket.SOCK_STREAM: 1, socket.SOCK_DGRAM: 2}

def flood():
    for uid in range(first, last + 1):
        for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                os.seteuid(uid)
                client = socket.socket(family, kind | socket.SOCK_NONBLOCK)
                os.seteuid(0)
                try:
                    answer = client.connect_ex((address, 7001))
                    if kind == socket.SOCK_DGRAM:
                        client.send(b'x')
                    elif answer != 0:
                        # A refusal shows at once; a connection over loopback is there at once, too.
                        client.getpeername()
                    counts[THROUGH[kind]] += 1
                except OSError:
                    pass
                client.close()
    counts[ROUNDS] += 1

os.nice(5)
print('flooding', flush=True)
while not os.path.exists('/srv/enough'):
    child = os.fork()
    if child == 0:
        while not os.path.exists('/srv/enough'): flood()
        os._exit(0)
    os.waitpid(child, 0)
print('rounds', counts[0], 'tcp', counts[1], 'udp', counts[2])
`;

const manifest = (users: number, network: string) =>
  `uids: ${first}-${last}\njails:\n  web: { users: ${users}, tools: [ls]${network} }\n`;

test('no packet of any UID of the pool gets through at any instant while users come and go', async () => {
  await using host = await testHost();
  for (const address of ['127.0.0.1', '::1']) {
    await host.listen('tcp', address, 7001);
    await host.listen('udp', address, 7001);
  }
  await writeManifest(host, manifest(1, ''));
  await apply(host);
  const argv = ['/usr/bin/python3', '-c', flood, String(first), String(last)] as const;
  await using flooding = host.spawn(argv);
  await flooding.printed('flooding');

  for (const [users, network] of [
    [4, ''],
    [9, ', network: { policy: drop }'],
    [14, ''],
    [20, ', network: { allow: [ { to: 10.1.2.3, port: 1, protocol: tcp } ] }'],
    [3, ''],
  ] as const) {
    await writeManifest(host, manifest(users, network));
    await apply(host);
  }
  await expectNothingToDo(host);
  await shell(host, 'touch /srv/enough');
  const { stdout } = await flooding.result();
  const [, rounds = '0', ...through] = /rounds (\d+) tcp (\d+) udp (\d+)/.exec(stdout) ?? [];
  expect(Number(rounds)).toBeGreaterThan(20);
  expect(through).toEqual(['0', '0']);

  // The same flood does get through where there is no fence.
  await destroy(host);
  await shell(host, 'rm /srv/enough');
  await using unfenced = host.spawn(argv);
  await unfenced.printed('flooding');
  await shell(host, 'sleep 0.3; touch /srv/enough');
  expect((await unfenced.result()).stdout).toMatch(/tcp [1-9]\d* udp [1-9]/);
});
