import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/model/settings.ts';
import type { TestHost } from '../rig/host.ts';
import { argvOf, jailHost, leftovers, python } from './jail-host.ts';
import type { Answer, Request } from './run-program.ts';

const forkAsManyAsPossible = `
import os, time
n = 0
while True:
    try: p = os.fork()
    except OSError: break
    if p == 0: time.sleep(30)
    n += 1
print(n)
`;

const engines: readonly EngineName[] = ['runc', 'crun', 'chroot'];

describe.for(engines)('a run by %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await jailHost(engine);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = async (argv: Request['argv'], more: Omit<Request, 'engine' | 'argv'> = {}) => {
    const printed = await host.ok(argvOf([{ engine, argv, ...more }]), { timeoutMs: 30_000 });
    expect(await leftovers(host)).toBe('');
    return JSON.parse(printed) as Answer;
  };
  const shell = (text: string, more?: Omit<Request, 'engine' | 'argv'>) =>
    run(['sh', '-c', text], more);

  test('passes on what the program writes and its exit code', async () => {
    const answer = await shell('echo out; echo err >&2; exit 3');
    expect(answer).toMatchObject({
      ended: { exitCode: 3 },
      stdout: 'out\n',
      stderr: 'err\n',
      outputBytes: 8,
      outputCut: false,
      memoryKills: 0,
    });
    expect(answer).not.toHaveProperty('stoppedBy');
    expect(answer).not.toHaveProperty('failure');
  });

  test('passes on its input, and an empty one where there is none', async () => {
    const count = python('import sys; print(len(sys.stdin.buffer.read()))');
    expect((await run(count, { inputBytes: 3_000_000 })).stdout).toBe('3000000\n');
    expect((await run(count)).stdout).toBe('0\n');
  });

  test('does not wait for a program to read its input', async () => {
    const answer = await shell('exec <&-; echo done', { inputBytes: 1_000_000 });
    expect(answer).toMatchObject({ stdout: 'done\n', ended: { exitCode: 0 } });
  });

  test('loses nothing when its output is taken slowly', async () => {
    // All of it fits into the pipe (F_SETPIPE_SZ), and the program ends long before it is taken.
    const script = 'import fcntl; fcntl.fcntl(1, 1031, 1 << 20); print("x" * 599_999)';
    const more = { chunksPerSecond: 4, limits: { outputBytes: 700_000 } };
    const answer = await run(python(script), more);
    expect(answer).toMatchObject({ ended: { exitCode: 0 }, outputBytes: 600_000 });
  });

  test.for([
    ['abort()', 'import os; os.abort()', 6],
    ['SIGSEGV', 'import os; os.kill(os.getpid(), 11)', 11],
    ['SIGKILL', 'import os; os.kill(os.getpid(), 9)', 9],
    ['SIGTERM', 'import os; os.kill(os.getpid(), 15)', 15],
  ] as const)('tells that %s ended the program', async ([, script, signal]) => {
    expect((await run(python(script))).ended).toEqual({ signal });
  });

  test('has exactly the processes that it may have, threads among them', async () => {
    expect(await run(python(forkAsManyAsPossible))).toMatchObject({
      stdout: '7\n',
      processesPeak: 8,
    });
    const threads = forkAsManyAsPossible
      .replace('import os', 'import threading, os')
      .replace('p = os.fork()', 'p = threading.Thread(target=time.sleep, args=(1,)).start()')
      .replace('OSError', 'RuntimeError');
    expect((await run(python(threads))).stdout).toBe('7\n');
  });

  test('dies of a fork bomb that uses up its CPU time', async () => {
    const script = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass';
    // Eight Pythons may take more than the usual limit of memory, and die of that first.
    const limits = { cpuTimeSeconds: 1, memoryBytes: 256 * 2 ** 20 };
    const answer = await run(python(script), { limits });
    expect(answer.stoppedBy).toBe('cpu_time');
    expect(answer.cpuTimeMs).toBeGreaterThanOrEqual(1000);
    expect(answer.cpuTimeMs).toBeLessThan(1100);
  });

  test('may not have more memory than its limit, in a child either', async () => {
    const hog = 'b = []\nwhile True: b.append(bytearray(1 << 20))';
    const main = await run(python(hog));
    expect(main).toMatchObject({ ended: { signal: 9 }, memoryKills: 1 });
    const limit = 64 * 2 ** 20;
    expect(main.memoryPeakBytes).toBeGreaterThan(0.9 * limit);
    expect(main.memoryPeakBytes).toBeLessThan(1.05 * limit);
    const script = `import os, sys\nif os.fork() == 0:\n  exec('''${hog}''')\nprint(os.wait()[1])`;
    expect(await run(python(script))).toMatchObject({ stdout: '9\n', memoryKills: 1 });
  });

  test('tells how much memory was used', async () => {
    const { memoryPeakBytes } = await run(python('b = bytearray(30 << 20)'));
    expect(memoryPeakBytes / 2 ** 20).toBeGreaterThan(30);
    expect(memoryPeakBytes / 2 ** 20).toBeLessThan(45);
  });

  test('counts the CPU time of its children, and half a processor is half as fast', async () => {
    const script = 'import os\nos.fork(); os.fork()\nwhile True: pass';
    const answer = await run(python(script), { limits: { cpuTimeSeconds: 1, cpus: 0.5 } });
    expect(answer.stoppedBy).toBe('cpu_time');
    expect(answer.cpuTimeMs).toBeLessThan(1100);
    expect(answer.wallTimeMs).toBeGreaterThan(1500);
  });

  test.for([
    ['sleeps for ever', 'exec sleep 1000'],
    ['ignores every signal', 'trap "" HUP INT QUIT TERM; while :; do sleep 1; done'],
    ['has stopped itself', 'kill -s STOP $$'],
  ] as const)('ends in time though the program %s', async ([, text]) => {
    const answer = await shell(text, { limits: { wallTimeSeconds: 1 } });
    expect(answer.stoppedBy).toBe('wall_time');
    expect(answer).not.toHaveProperty('ended');
    expect(answer.wallTimeMs).toBeGreaterThanOrEqual(999);
    expect(answer.wallTimeMs).toBeLessThan(1100);
  });

  test('passes on as much output as it may have, and not a byte more', async () => {
    expect(await run(['yes'])).toMatchObject({
      stoppedBy: 'output',
      outputBytes: 100_000,
      outputCut: true,
    });
    const all = await run(python('print("x" * 99_999)'));
    expect(all).toMatchObject({ outputBytes: 100_000, outputCut: false, ended: { exitCode: 0 } });
  });

  test('counts both outputs together', async () => {
    const answer = await shell('exec 2>&1; cat /dev/zero');
    expect(answer).toMatchObject({ stoppedBy: 'output', outputBytes: 100_000 });
  });

  test('ends with the program, whatever that leaves', async () => {
    const script = `
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(1000)
    os.kill(os.getpid(), signal.SIGSTOP)
print('left')
`;
    const answer = await run(python(script));
    expect(answer).toMatchObject({ stdout: 'left\n', ended: { exitCode: 0 } });
    expect(answer.wallTimeMs).toBeLessThan(2000);
  });

  test('ends when its caller says so', async () => {
    const answer = await shell('echo ready; exec sleep 1000', { abort: true });
    expect(answer).toMatchObject({ stdout: 'ready\n', stoppedBy: 'caller' });
    expect(answer.wallTimeMs).toBeLessThan(2000);
  });

  test('leaves nothing when jailctl is killed', async () => {
    const sleep: Request = { engine, argv: ['sleep', '1000'], limits: { wallTimeSeconds: 100 } };
    const killed = host.spawn(argvOf([sleep]));
    const running = () => host.ok(['ps', '-e', '-o', 'uid=,comm=']);
    await expect.poll(running, { timeout: 10_000 }).toMatch(/^ *81000 sleep$/m);
    await killed[Symbol.asyncDispose]();
    await expect.poll(() => leftovers(host), { timeout: 10_000 }).toBe('');
  });

  test('has an environment, a mask for new files and a session of its own', async () => {
    const answer = await run(
      python('import os; print(sorted(os.environ), os.umask(0), os.getsid(0) == os.getpid())'),
      { env: { LC_ALL: 'C', LANG: 'C.UTF-8' } },
    );
    expect(answer.stdout).toBe("['HOME', 'LANG', 'LC_ALL', 'PATH'] 63 True\n");
  });
});
