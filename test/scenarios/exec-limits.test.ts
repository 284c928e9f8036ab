import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { exec, expectNear, leftovers, limit, provision } from './exec-jail.ts';

const firstUid = 83000;
const mib = 2 ** 20;

const manifest = `uids: ${firstUid}-${firstUid + 999}
jails:
  box:
    users: 2
    requirements: [${requirement('python3')}]
    tools: [sh, cat, head, ln, sleep, truncate, "yes"]
    limits:
      processes: 16
      memory: 256MiB
      cpu_time: 10s
      wall_time: 20s
      file_size: 8MiB
      open_files: 64
      output: 64KiB
`;

let host: TestHost;

beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(host, manifest);
});
afterAll(() => host[Symbol.asyncDispose]());

const python = (script: string, ...options: string[]) =>
  exec(host, { jail: 'box/box1', options, argv: ['python3', '-c', script] });
const shell = (script: string, ...options: string[]) =>
  exec(host, { jail: 'box/box1', options, argv: ['sh', '-c', script] });

describe('CPU time', () => {
  const limits = limit('cpu_time=1s', 'processes=12');

  test.each([
    ['a fork bomb', 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', 12],
    [
      'a thread bomb',
      `import threading
stop = threading.Event()
while True:
  try: threading.Thread(target=stop.wait).start()
  except RuntimeError: pass`,
      12,
    ],
    [
      'children that spin, while their parent sleeps',
      'import os\nfor n in range(3):\n  if os.fork() == 0:\n    while True: pass\nos.wait()',
      4,
    ],
    [
      'children that spin one after the other',
      `import os, time
while True:
  if os.fork() == 0:
    end = time.process_time() + .1
    while time.process_time() < end: pass
    os._exit(0)
  os.wait()`,
      2,
    ],
  ])('of %s is counted and ends it', async (_, script, peak) => {
    const { exitCode, result } = await python(script, ...limits);
    expect(result).toMatchObject({
      status: 'time_limit',
      message: 'used up its CPU time of 1s',
      processes_peak: peak,
    });
    expect(exitCode).toBe(137);
    expectNear(result.cpu_time_ms, 1000);
  });

  test('is had at half the speed with half a processor', async () => {
    const spin = 'while True: pass';
    const { result } = await python(spin, ...limit('cpu_time=1s', 'cpus=0.5'));
    expect(result.status).toBe('time_limit');
    expectNear(result.cpu_time_ms, 1000);
    expect(result.wall_time_ms).toBeGreaterThan(1800);
    expect(result.wall_time_ms).toBeLessThan(4000);
  });
});

describe('wall time', () => {
  test.each([
    ['sleeps for ever', 'exec sleep infinity'],
    ['ignores SIGTERM', 'trap "" HUP INT QUIT TERM; while :; do sleep 100; done'],
    ['has stopped itself', 'kill -s STOP $$'],
    ['waits for input that never ends', 'cat /dev/zero >/dev/null & cat <&0; wait'],
  ])('ends a program that %s', async (_, script) => {
    const { exitCode, result } = await shell(script, ...limit('wall_time=1s'));
    expect(result).toMatchObject({
      status: 'time_limit',
      message: 'used up its wall time of 1s',
      signal: 'SIGKILL',
    });
    expect(exitCode).toBe(137);
    expectNear(result.wall_time_ms, 1000);
  });
});

describe('memory', () => {
  const limits = limit('memory=32MiB', 'tmp_size=60MiB', 'file_size=8MiB');

  test.each([
    ['on the heap', 'b = []\nwhile True: b.append(bytearray(1 << 20))'],
    [
      'that is shared',
      'import mmap\nm = mmap.mmap(-1, 60 << 20)\nfor n in range(60): m.write(bytes(1 << 20))',
    ],
    [
      'in children that share nothing',
      `import os, time
children = [os.fork() for n in range(3)]
b = []
for n in range(20): b.append(bytearray(1 << 20)); time.sleep(.01)
import sys; sys.exit(max(os.waitstatus_to_exitcode(os.wait()[1]) != 0 for c in children if c) if all(children) else 0)`,
    ],
    ...['/tmp', '/dev/shm'].map((directory) => [
      `of files in ${directory}`,
      `for n in range(50): open(f'${directory}/{n}', 'wb').write(bytes(1 << 20))`,
    ]),
  ])('%s is limited', async (_, script = '') => {
    const { exitCode, result } = await python(script, ...limits);
    expect(result).toMatchObject({
      status: 'memory_limit',
      message: 'needed more memory than 32MiB',
    });
    expect(exitCode).not.toBe(0);
    expectNear(result.memory_peak_bytes, 32 * mib);
  });
});

describe('output', () => {
  test.each([
    ['stdout', 'exec yes'],
    ['stderr', 'exec yes >&2'],
    ['both', 'yes & exec yes >&2'],
  ])('on %s ends where it must', async (_, script) => {
    const { exitCode, result } = await shell(script);
    expect(result).toMatchObject({
      status: 'output_limit',
      message: 'wrote more output than 64KiB',
      output_bytes: 65_536,
      output_cut: true,
    });
    expect(exitCode).toBe(137);
  });
});

describe('a file', () => {
  test.each([
    ['is written', 'exec head -c 5M /dev/zero >f', 2 * mib],
    ['is sparse', 'exec truncate -s 5M f', 0],
  ])('that is larger than it may be when it %s ends the program', async (_, script, bytes) => {
    const { exitCode, result } = await shell(
      `rm -f f; : >f; ${script}`,
      ...limit('file_size=2MiB'),
    );
    expect(result).toMatchObject({
      status: 'output_limit',
      message: 'wrote a file larger than 2MiB',
      signal: 'SIGXFSZ',
    });
    expect(exitCode).toBe(128 + 25);
    expect(await host.ok(['stat', '--format=%s', '/srv/box/home/box1/f'])).toBe(`${bytes}\n`);
  });

  test('can be opened until there are no descriptors left', async () => {
    const script = `
import errno, os
n = 0
try:
  while True: os.open('/dev/null', 0); n += 1
except OSError as e: print(n, errno.errorcode[e.errno])`;
    const { output, result } = await python(script, ...limit('open_files=20'));
    expect([output, result.status]).toEqual(['17 EMFILE\n', 'ok']);
  });
});

/** Says how many files of a size it could write, and why no more. */
const fill = (directory: string, bytes: number, files: number) => `
import errno, os
n = 0
try:
  for n in range(${files}):
    with open(f'${directory}/{n}', 'wb', buffering=0) as f:
      if f.write(bytes(${bytes})) < ${bytes}: raise OSError(errno.ENOSPC, '')
  n = ${files}
except OSError as e: print(n, errno.errorcode[e.errno])
else: print(n)`;

describe.each([
  ['/tmp', limit('tmp_size=16MiB')],
  ['/dev/shm', limit('tmp_size=16MiB')],
  ['/home/box1', [...limit('disk=16MiB'), '--fresh-home']],
])('what is written in %s, a tmpfs', (directory, options) => {
  test('ends with ENOSPC at its size', async () => {
    const { output, result } = await python(fill(directory, mib, 20), ...options);
    expect([output, result.status]).toEqual(['16 ENOSPC\n', 'ok']);
  });

  test('ends with ENOSPC after one file for each page of it', async () => {
    const { output, result } = await python(fill(directory, 0, 100_000), ...options);
    expect(result.status).toBe('ok');
    const [files, reason] = output.trim().split(' ');
    expectNear(Number(files), (16 * mib) / 4096, 0.01);
    expect(reason).toBe('ENOSPC');
  });
});

describe('a home that is kept', () => {
  const used = async () => {
    const script = 'cd /srv/box/home/box1 && find . -printf "%b\\n"';
    const blocks = (await host.ok(['sh', '-c', script])).trim().split('\n').map(Number);
    return blocks.map((one) => Math.max(one * 512, 4096)).reduce((sum, one) => sum + one, 0);
  };
  const empty = () => host.ok(['sh', '-c', 'rm -rf /srv/box/home/box1/*']);
  const tooLarge = { status: 'output_limit', message: 'its home takes more than 20MiB' };

  test.each([
    ['100,000 small files', 'for n in range(100000): open(str(n), "w").close()'],
    ['large files', 'for n in range(100): open(str(n), "wb").write(bytes(1 << 20))'],
  ])('does not take %s', async (_, script) => {
    await empty();
    const { exitCode, result } = await python(`${script}\nprint("done")`, ...limit('disk=20MiB'));
    expect(result).toMatchObject(tooLarge);
    expect(exitCode).toBe(137);
    expect(result.limits['disk']).toMatchObject({ state: 'weaker' });
    expect(await used()).toBeGreaterThan(20 * mib);
  });

  test('that is slowly filled ends close to its limit', async () => {
    await empty();
    const script = `import time
for n in range(100):
  open(str(n), 'wb').write(bytes(1 << 20)); time.sleep(.05)`;
    const { result } = await python(script, ...limit('disk=20MiB'));
    expect(result).toMatchObject({ ...tooLarge, signal: 'SIGKILL' });
    expectNear(await used(), 20 * mib, 0.25);
  });

  test('that was filled quickly is seen at the end, and again at the next start', async () => {
    await empty();
    const quick = 'for i in 1 2 3 4; do head -c 6M /dev/zero >$i; done';
    const first = await shell(quick, ...limit('disk=20MiB'));
    expect([first.exitCode, first.result]).toEqual([137, expect.objectContaining(tooLarge)]);
    const next = await shell('exec sleep 10', ...limit('disk=20MiB'));
    expect(next.result).toMatchObject(tooLarge);
    expect(next.result.wall_time_ms).toBeLessThan(2000);
  });

  test('is watched for the engine chroot, too', async () => {
    await empty();
    const options = ['--engine', 'chroot', ...limit('disk=4MiB')];
    const { exitCode, result } = await shell('head -c 6M /dev/zero >f; exec sleep 20', ...options);
    expect(result).toMatchObject({
      status: 'output_limit',
      message: 'its home takes more than 4MiB',
    });
    expect(exitCode).toBe(137);
    expect(result.wall_time_ms).toBeLessThan(2000);
  });

  test('takes what it may', async () => {
    await empty();
    const script = 'head -c 7M /dev/zero >a; ln a b; truncate -s 7M c; ln -s /usr d';
    const { exitCode, result } = await shell(script, ...limit('disk=20MiB'));
    expect([exitCode, result.status]).toEqual([0, 'ok']);
  });
});

describe('when a run is over', () => {
  test('nothing of it is left, not a daemon either', async () => {
    const daemon = `
import os, signal, time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    for n in range(1, 65):
      try: signal.signal(n, signal.SIG_IGN)
      except (OSError, ValueError): pass
    os.close(0); os.close(1); os.close(2)
    time.sleep(1000)
  os._exit(0)
os.wait()
if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)
print('left')`;
    const { output, result } = await python(daemon);
    expect([output, result.status]).toEqual(['left\n', 'ok']);
    expect(result.wall_time_ms).toBeLessThan(2000);
    expect(await leftovers(host, firstUid)).toBe('');
  });
});
