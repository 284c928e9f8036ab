import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { exec, inBackground, leftovers, limit, provision } from './exec-jail.ts';

const firstUid = 84000;

const content = `requirements: [${requirement('python3')}], tools: [sh, "true"]`;
const manifest = `uids: ${firstUid}-${firstUid + 999}
defaults:
  limits:
    { processes: 32, memory: 64MiB, cpu_time: 20s, wall_time: 20s, output: 4MiB, file_size: 1GiB }
jails:
  one: { users: 2, ${content} }
  two: { users: 2, ${content} }
  open: { users: 2, ${content}, network: host }
`;

let host: TestHost;

beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(host, manifest);
});
afterAll(() => host[Symbol.asyncDispose]());

/** System V and POSIX objects, for which Python has no module. */
const objects = `
import ctypes, json, os, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
mq = libc if hasattr(libc, 'mq_open') else ctypes.CDLL('librt.so.1', use_errno=True)
key = 0x5ec
`;

/** Leaves something that can be found in every place that it can write to, and waits. */
const tenant = `${objects}
os.umask(0)
made = [libc.shmget(key, 4096, 0o1666), libc.msgget(key, 0o1666), libc.semget(key, 1, 0o1666)]
made.append(mq.mq_open(b'/secret', os.O_CREAT | os.O_RDWR, 0o666, None))
if min(made) < 0: sys.exit('no objects: ' + str(made))
for directory in (os.environ['HOME'], '/tmp', '/dev/shm'):
  try: open(directory + '/secret', 'w').write('secret')
  except OSError: pass
listening = socket.socket(socket.AF_UNIX); listening.bind('\\0secret'); listening.listen()
named = socket.socket(socket.AF_UNIX); named.bind(os.environ['HOME'] + '/socket-' + str(time.time())); named.listen()
tcp = socket.socket(); tcp.bind(('127.0.0.1', 7007)); tcp.listen()
print('ready', flush=True)
time.sleep(60)
`;

/** Prints what it finds of such a neighbour. */
const snoop = (neighbour: string) => `${objects}
def tries(what):
  try: return what() is not False
  except OSError: return False
def connects(family, address):
  return tries(lambda: socket.socket(family).connect(address))
home = '/home/${neighbour}'
found = {
  'processes': sorted(int(n) for n in os.listdir('/proc') if n.isdigit() and int(n) not in (1, os.getpid())) if os.path.exists('/proc/1') else [],
  'home': tries(lambda: os.listdir(home)), 'file': tries(lambda: open(home + '/secret')),
  'tmp': os.path.exists('/tmp/secret'), 'shm': os.path.exists('/dev/shm/secret'),
  'abstract socket': connects(socket.AF_UNIX, '\\0secret'),
  'tcp': connects(socket.AF_INET, ('127.0.0.1', 7007)),
  'System V memory': libc.shmget(key, 0, 0) >= 0,
  'System V messages': libc.msgget(key, 0) >= 0,
  'System V semaphores': libc.semget(key, 0, 0) >= 0,
  'message queue': mq.mq_open(b'/secret', os.O_RDONLY) >= 0,
  'jail': os.path.exists('/srv'),
}
found['somebody to signal'] = tries(lambda: os.kill(-1, signal.SIGKILL))
print(json.dumps([name for name, value in found.items() if value]))
`;

const python = (script: string) => ['python3', '-c', script] as const;

describe('of what a tenant has, another one finds', () => {
  test.each([
    ['the other user of its jail', 'one/one2'],
    ['the user of another jail', 'two/two1'],
    ['the same user in its next run', 'one/one1'],
  ])('nothing: %s', async (_, target) => {
    await using victim = inBackground(host, { jail: 'one/one1', argv: python(tenant) });
    await victim.printed('ready');
    if (target === 'one/one1') await victim[Symbol.asyncDispose]();
    const { exitCode, stdout, stderr } = await host.jailctl([
      ...['exec', '--wait', target, '--', ...python(snoop('one1'))],
    ]);
    const kept = target === 'one/one1' ? ['home', 'file'] : [];
    expect({ exitCode, stderr, found: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      stderr: '',
      found: kept,
    });
    if (kept.length > 0) return;
    const alive = await host.ok([
      'sh',
      '-c',
      `ps -e -o uid=,args= | grep -c "^ *${firstUid} python3"`,
    ]);
    expect(alive).toBe('1\n');
  });

  test('what the engine chroot says that it does not hide, and so the search is a search', async () => {
    const chroot = ['--engine', 'chroot'];
    const jail = 'one/one1';
    await using victim = inBackground(host, { jail, options: chroot, argv: python(tenant) });
    await victim.printed('ready');
    const { output, result } = await exec(host, {
      ...{ jail: 'two/two1', options: chroot, argv: python(snoop('one1')) },
    });
    expect(JSON.parse(output)).toEqual([
      'abstract socket',
      'System V memory',
      'System V messages',
      'System V semaphores',
      'message queue',
      'somebody to signal',
    ]);
    for (const layer of ['mount_namespace', 'pid_namespace', 'ipc_namespace']) {
      expect(result.layers[layer]?.state).toBe('absent');
    }
    expect(result.layers['network_namespace']?.state).toBe('weaker');
  });
});

/** Hands its `/` to whoever asks. */
const helper = `
import os, socket
server = socket.socket(socket.AF_UNIX); server.bind('\\0directory'); server.listen()
print('ready', flush=True)
client = server.accept()[0]
socket.send_fds(client, [b'x'], [os.open('/', os.O_RDONLY)])
client.recv(1)
`;

/** Takes it, and climbs. Prints what it sees at the top: the jail's files, or the host's. */
const climber = `
import os, socket
client = socket.socket(socket.AF_UNIX)
try: client.connect('\\0directory')
except OSError as error: print(type(error).__name__)
else:
  os.fchdir(socket.recv_fds(client, 1, 1)[1][0])
  for n in range(10): os.chdir('..')
  print('host' if os.path.exists('srv/jails.yaml') else 'jail', sorted(os.listdir('home')))
`;

describe('a directory that a tenant hands to another one', () => {
  const handOver = async (from: string, to: string, ...options: string[]) => {
    await using giver = inBackground(host, { jail: from, options, argv: python(helper) });
    await giver.printed('ready');
    return await exec(host, { jail: to, options, argv: python(climber) });
  };

  test('does not arrive', async () => {
    const { output, result } = await handOver('one/one1', 'two/two1');
    expect(output).toBe('ConnectionRefusedError\n');
    expect(result.layers['network_namespace']?.state).toBe('in_force');
  });

  test('leads no higher than the root of a jail, where it arrives by an open network', async () => {
    const { output, result } = await handOver('open/open1', 'open/open2');
    expect(output).toBe("jail ['open1']\n");
    expect(result.layers['network_namespace']?.state).toBe('absent');
  });

  test('leads out of the jail by the engine chroot, which says that it lacks the layer', async () => {
    const { output, result } = await handOver('one/one1', 'two/two1', '--engine', 'chroot');
    expect(output).toMatch(/^host /);
    expect(result.layers['mount_namespace']).toEqual({
      state: 'absent',
      why: expect.stringContaining('leaves the jail'),
    });
  });
});

const forks = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass';
const bombs = {
  'a fork bomb': forks,
  'a thread bomb': `import threading
while True:
  try: threading.Thread(target=lambda: sum(range(10**9))).start()
  except RuntimeError: pass`,
  'a program that eats memory': `import os
while True:
  if os.fork() == 0:
    b = []
    while True: b.append(bytearray(1 << 20))
  os.wait()`,
  'a program that fills /tmp': `import os
while True:
  for n in range(60):
    try: open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))
    except OSError: pass
  for n in range(60): os.unlink(f'/tmp/{n}')`,
  'a program that makes files': `import os
while True:
  for n in range(10000): open(str(n), 'w').close()
  for n in range(10000): os.unlink(str(n))`,
};

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function medianMs(times: number, work: () => Promise<unknown>): Promise<number> {
  const tookMs: number[] = [];
  for (let n = 0; n < times; n++) {
    const startMs = performance.now();
    await work();
    tookMs.push(performance.now() - startMs);
  }
  return median(tookMs);
}

describe('while a neighbour does its worst', () => {
  const onHost = () => medianMs(9, () => host.ok(['true']));
  const inSibling = () =>
    medianMs(3, async () => {
      const { result } = await exec(host, { jail: 'two/two1', argv: ['true'] });
      expect(result.status).toBe('ok');
    });
  let idle: { host: number; sibling: number };
  beforeAll(async () => {
    idle = { host: await onHost(), sibling: await inSibling() };
  });

  test.each(Object.entries(bombs))('%s, the host and a sibling go on', async (_, script) => {
    await using bomb = inBackground(host, {
      jail: 'one/one1',
      options: limit('tmp_size=16MiB'),
      argv: python(`print('ready', flush=True)\n${script}`),
    });
    await bomb.printed('ready');
    const busy = { host: await onHost(), sibling: await inSibling() };
    expect(busy.host).toBeLessThan(5 * idle.host + 300);
    expect(busy.sibling).toBeLessThan(5 * idle.sibling + 500);
    const alive = await host.ok(['sh', '-c', `ps -e -o uid= | grep -c "^ *${firstUid}$"`]);
    expect(Number(alive)).toBeGreaterThan(0);
  });

  test('a sibling gets its share of the processors', async () => {
    const spin = (processes: number) =>
      `import os\nfor n in range(${processes - 1}):\n  if os.fork() == 0: break\nwhile True: pass`;
    const run = (jail: string, processes: number) =>
      exec(host, { jail, options: limit('wall_time=2s'), argv: python(spin(processes)) });
    const [many, few] = await Promise.all([run('one/one1', 24), run('two/two1', 4)]);
    expect([many.result.status, few.result.status]).toEqual(['time_limit', 'time_limit']);
    expect(few.result.cpu_time_ms / many.result.cpu_time_ms).toBeGreaterThan(0.5);
  });

  test('a sibling keeps its memory', async () => {
    const argv = python(bombs['a program that eats memory']);
    await using _bomb = inBackground(host, { jail: 'one/one1', argv });
    const keep = 'import time\nb = b"x" * (40 << 20)\ntime.sleep(1)\nprint(len(b))';
    const { output, result } = await exec(host, { jail: 'two/two1', argv: python(keep) });
    expect([output, result.status]).toEqual([`${40 << 20}\n`, 'ok']);
  });
});

test('nothing of all this is left', async () => {
  await expect.poll(() => leftovers(host, firstUid), { timeout: 10_000 }).toBe('');
});
