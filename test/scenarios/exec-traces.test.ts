import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath, jailctlShell, requirement } from './cli.ts';

const pythonManifest = `version: 1
root: /srv
uids: 76000-76999
jails:
  box:
    users: 1
    requirements: [${requirement('python3')}]
    tools: [sh, sleep]
`;

const smallManifest = (users: number) => `version: 1
root: /srv
uids: 77000-77999
jails:
  box:
    users: ${users}
    tools: [sh, sleep]
`;

/** Whatever a run of one of these UIDs could leave, a line each. */
const traces = (uids: string) => `
  find /run/jailctl 2>/dev/null
  find /dev/shm -mindepth 1
  find /sys/fs/cgroup -type d -path '*/jailctl*'
  findmnt --list --noheadings --output=TARGET | grep -v throwaway | grep jailctl
  ps -e -o uid=,args= | grep -E '^ *${uids}|[j]ailctl-(janitor|init|launch)|[r]unc'
  ipcs -a | awk '$3 ~ /^${uids}/'
  mkdir /run/queues && mount -t mqueue none /run/queues && ls /run/queues
  umount /run/queues && rmdir /run/queues
  grep '^${uids}' /proc/key-users
  true`;

async function apply(host: TestHost, manifest: string): Promise<void> {
  await host.write('/srv/jails.yaml', manifest);
  const { exitCode, stderr } = await host.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml']);
  if (exitCode !== 0) throw new Error(stderr);
}

describe('what a program makes outside of its jail', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await apply(host, pythonManifest);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const left = () => host.ok(['sh', '-c', traces('76')]);
  const calls = `
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    done = getattr(libc, name)(*arguments)
    print(name, 'done' if done >= 0 else errno.errorcode[ctypes.get_errno()])
`;
  const makeObjects = `${calls}
for key in range(3):
    call('shmget', 4711 + key, 4096, 0o1600)
    call('semget', 4711 + key, 1, 0o1600)
    call('msgget', 4711 + key, 0o1600)
    libc.mq_open(b'/left%d' % key, os.O_CREAT | os.O_RDWR, 0o600, None)
`;
  const made = expect.stringMatching(/^(?:(?:shm|sem|msg)get done\n){9}$/);

  test.for(['chroot', 'runc'] as const)('by %s is gone after the run', async (engine) => {
    const argv = ['exec', '--engine', engine, 'box', '--', 'python3', '-c', makeObjects];
    expect(await host.jailctl(argv)).toMatchObject({ exitCode: 0, stdout: made });
    expect(await left()).toBe('');
  });

  test('is gone when jailctl is killed', async () => {
    const text = `${makeObjects}
import time
if os.fork(): print('ready', flush=True)
time.sleep(1000)`;
    const argv = ['exec', '--engine', 'chroot', 'box', '--', 'python3', '-c', text] as const;
    const running = host.spawn([process.execPath, jailctlPath, ...argv]);
    await running.printed('ready');
    expect(await left()).toMatch(/left0/);
    await running[Symbol.asyncDispose]();
    await expect.poll(left, { timeout: 10_000 }).toBe('');
  });

  test('is no half of a file that was copied out when jailctl was killed', async () => {
    await host.ok(['mkdir', '-p', '/root/out']);
    const exec = jailctlShell([
      ...['exec', '--copy-out', 'big:/root/out/big', '--limit', 'file_size=2GiB', '--allow-raise'],
      ...['box', '--', 'python3', '-c', 'open("big", "w").truncate(2 << 30)'],
    ]);
    const script = `${exec} &
      until [ -L /run/jailctl/bundles/box1/partial ]; do :; done
      sleep 0.05
      ls -A /root/out
      kill -s KILL $!`;
    expect(await host.ok(['sh', '-c', script])).toMatch(/^\.big\.[-0-9a-f]+\n$/);
    await expect.poll(left, { timeout: 10_000 }).toBe('');
    expect(await host.ok(['ls', '-A', '/root/out'])).toBe('');
  });

  test('are no keys, nor are those of the login seen in which jailctl runs', async () => {
    const [x86, arm] = ['{"add_key": 248, "keyctl": 250}', '{"add_key": 217, "keyctl": 219}'];
    const keys = `${calls}
import platform
numbers = ${arm} if platform.machine() == 'aarch64' else ${x86}
def key_call(name, *arguments):
    done = libc.syscall(numbers[name], *arguments)
    return done if done >= 0 else errno.errorcode[ctypes.get_errno()]
`;
    const inside = `${keys}
print(key_call('keyctl', 11, SECRET, ctypes.create_string_buffer(99), 99))
for ring in (-3, -4, -5): print(key_call('add_key', b'user', b'left', b'x', 1, ring))`;
    const login = `${keys}
import sys
key_call('keyctl', 1, b'login')
secret = key_call('add_key', b'user', b'secret', b'hunter2', 7, -3)
assert key_call('keyctl', 11, secret, ctypes.create_string_buffer(99), 99) == 7
script = sys.argv.pop().replace('SECRET', str(secret))
os.execv(sys.argv[1], [*sys.argv[1:], script])`;
    for (const [engine, answer] of [
      ['chroot', 'ENOSYS'],
      ['runc', 'EPERM'],
    ]) {
      const exec = ['exec', '--engine', `${engine}`, 'box', '--', 'python3', '-c', inside];
      const argv = ['/usr/bin/python3', '-c', login, process.execPath, jailctlPath, ...exec];
      const said = await host.ok(argv as [string, ...string[]]);
      expect(said).toBe(`${answer}\n`.repeat(4));
      expect(await left()).toBe('');
    }
  });
});

describe('a jail in which programs run', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const left = () => host.ok(['sh', '-c', traces('77')]);
  const sleeping = (...options: string[]) =>
    host.spawn([
      ...[process.execPath, jailctlPath, 'exec', ...options],
      ...['--', 'sh', '-c', 'echo ready; sleep 1000'],
    ] as [string, ...string[]]);
  const destroy = () => host.jailctl(['destroy', '--yes', '--destroy-data']);
  const shell = (text: string) => host.ok(['sh', '-c', text]);

  test.for(['runc', 'chroot'])('can be destroyed, which ends those by %s', async (engine) => {
    await apply(host, smallManifest(2));
    await using first = sleeping('--engine', engine, 'box');
    await using second = sleeping('--engine', engine, 'box');
    await Promise.all([first.printed('ready'), second.printed('ready')]);
    expect(await destroy()).toMatchObject({ exitCode: 0 });
    expect(await left()).toBe('');
    for (const running of [first, second]) expect((await running.result()).exitCode).not.toBe(0);
  });

  test('can be destroyed when jailctl, its janitor and its runtime were killed', async () => {
    await apply(host, smallManifest(2));
    for (const engine of ['runc', 'chroot']) {
      const running = sleeping('--engine', engine, `box/box${engine === 'runc' ? 1 : 2}`);
      await running.printed('ready');
      await shell('kill -s KILL $(pgrep -f "[j]ailctl-janitor")');
      await running[Symbol.asyncDispose]();
      await shell('pkill -KILL runc; true');
    }
    expect(await left()).toMatch(/sleep 1000/);
    expect(await destroy()).toMatchObject({ exitCode: 0 });
    expect(await left()).toBe('');
  });

  test('loses a user, whose run ends, and keeps the others', async () => {
    await apply(host, smallManifest(2));
    await using stays = sleeping('box/box1');
    await using goes = sleeping('box/box2');
    await Promise.all([stays.printed('ready'), goes.printed('ready')]);
    await apply(host, smallManifest(1));
    expect((await goes.result()).exitCode).not.toBe(0);
    expect(await left()).toMatch(/^ *77\d{3} sleep 1000$/m);
    expect(await left()).not.toMatch(/box2/);
    await destroy();
    expect(await left()).toBe('');
  });

  test('is not run in by one who waited for a user that has gone', async () => {
    await apply(host, smallManifest(1));
    await using running = sleeping('box');
    await running.printed('ready');
    await using waiting = sleeping('--wait', 'box');
    await expect.poll(() => shell('pgrep -c -x flock; true')).toBe('1\n');
    expect(await destroy()).toMatchObject({ exitCode: 0 });
    // 3: the jail is gone. It may also have begun between the end of the processes and that of the
    // account: then it is ended, or refuses by itself.
    expect((await waiting.result()).exitCode).toBeOneOf([3, 125]);
    expect(await left()).toBe('');
  });

  test('can be destroyed at whatever moment a run begins', async () => {
    for (const momentMs of [60, 100, 140, 180, 220]) {
      await apply(host, smallManifest(3));
      const starting = ['runc', 'runc', 'chroot'].map((engine) =>
        sleeping('--engine', engine, 'box'),
      );
      await new Promise((resolve) => setTimeout(resolve, momentMs));
      expect(await destroy()).toMatchObject({ exitCode: 0 });
      for (const run of starting) expect((await run.result()).exitCode).not.toBe(0);
      expect(await left()).toBe('');
    }
  });
});

describe('a run that is interrupted', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await apply(host, smallManifest(1));
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const left = () => host.ok(['sh', '-c', traces('77')]);

  test.for([
    ['runc', 'TERM', 1, 143],
    ['runc', 'INT', 1, 130],
    ['runc', 'HUP', 1, 130],
    ['runc', 'TERM', 2, 143],
    ['runc', 'INT', 2, 130],
    ['chroot', 'TERM', 1, 143],
    ['chroot', 'HUP', 2, 130],
  ] as const)('by %s, with SIG%s %d times, exits and leaves nothing', async (given) => {
    const [engine, signal, times, code] = given;
    const script = 'trap "" HUP INT TERM; (sleep 1000) & echo ready; while :; do sleep 1000; done';
    const exec = jailctlShell(['exec', '--engine', engine, 'box', '--', 'sh', '-c', script]);
    await using running = host.spawn(['sh', '-c', `echo $$ >/run/pid; exec ${exec}`]);
    await running.printed('ready');
    const kill = `kill -s ${signal} $(cat /run/pid)`;
    // Two at the very same moment would be one.
    const kills = Array.from({ length: times }, () => kill).join('; sleep 0.002; ');
    await host.ok(['sh', '-c', `${kills} 2>/dev/null; true`]);
    expect((await running.result()).exitCode).toBe(code);
    if (times === 1) expect(await left()).toBe('');
    // Then jailctl did not wait, and the janitor does it.
    await expect.poll(left, { timeout: 5000 }).toBe('');
  });
});
