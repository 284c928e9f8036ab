import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { initPipes } from './init-pipes.ts';

const init = fileURLToPath(new URL('../../dist/jailctl-init', import.meta.url));

/**
 * Runs the init program as process 1 of a PID namespace and does to its lifeline what its first
 * argument says: `go` and then wait for the end; `never` closes it at once; `cut` closes it when
 * the program has started, `end` has it ended then; `none` has neither pipe. Prints what came on the status pipe, and how
 * init ended.
 */
const harness = `
import os, subprocess, sys
mode, init, *argv = sys.argv[1:]
command = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', init, '--', *argv]
if mode == 'none':
    print('ended', subprocess.run(command, close_fds=True).returncode)
    sys.exit()
${initPipes}
child = subprocess.Popen(command, close_fds=False, preexec_fn=to_process_1)
os.close(status_end); os.close(lifeline_end)
for line in os.fdopen(status):
    print(line, end='', flush=True)
    if line == 'ready\\n':
        if mode == 'never': os.close(lifeline)
        else: os.write(lifeline, b'go\\n')
    if line == 'started\\n' and mode == 'end': os.write(lifeline, b'end\\n')
    if line == 'started\\n' and mode == 'cut': os.close(lifeline)
    if line.startswith(('exited', 'signalled')):
        names = [open(f'/proc/{n}/comm').read() for n in os.listdir('/proc') if n.isdigit()]
        if 'sleep\\n' in names: print('not alone')
        os.close(lifeline)
print('ended', child.wait())
`;

describe('process 1 of a run', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = (mode: string, ...argv: string[]) =>
    host.ok(['python3', '-c', harness, mode, init, ...argv], { timeoutMs: 20_000 });
  const shell = (mode: string, text: string) => run(mode, '/bin/sh', '-c', text);

  test('tells how the program ended', async () => {
    expect(await shell('go', 'exit 0')).toBe('ready\nstarted\nexited 0\nended 0\n');
    expect(await shell('go', 'exit 3')).toBe('ready\nstarted\nexited 3\nended 3\n');
  });

  test.for([
    ['ABRT', 6],
    ['SEGV', 11],
    ['KILL', 9],
    ['TERM', 15],
  ] as const)(
    'tells that SIG%s ended it, which no process 1 would die of',
    async ([name, number]) => {
      const said = `ready\nstarted\nsignalled ${number}\nended ${128 + number}\n`;
      expect(await shell('go', `kill -s ${name} $$`)).toBe(said);
    },
  );

  test('tells why the program does not start', async () => {
    expect(await run('go', 'no-such-program')).toBe('ready\nexec-failed 2\nended 127\n');
    expect(await run('go', '/etc/passwd')).toBe('ready\nexec-failed 13\nended 126\n');
  });

  test('starts nothing when its lifeline is cut before it may', async () => {
    expect(await shell('never', 'echo ran')).toBe('ready\nended 125\n');
  });

  test('ends a program that ignores signals when its lifeline is cut', async () => {
    const stubborn = 'trap "" TERM HUP INT; setsid sleep 1000 & while :; do sleep 1; done';
    expect(await shell('cut', stubborn)).toBe('ready\nstarted\nended 125\n');
  });

  test('ends a program that ignores signals when it is told to, and tells how that ended', async () => {
    const stubborn = 'trap "" TERM HUP INT; setsid sleep 1000 & while :; do sleep 1; done';
    expect(await shell('end', stubborn)).toBe('ready\nstarted\nsignalled 9\nended 137\n');
  });

  test('ends what the program leaves, stopped or in another session', async () => {
    const text = 'setsid sleep 1000 & sleep 1000 & kill -s STOP $!; exit 5';
    expect(await shell('go', text)).toBe('ready\nstarted\nexited 5\nended 5\n');
  });

  test('reaps orphans while the program runs', async () => {
    const text = `
      for i in 1 2 3 4 5; do (true &) ; done; sleep 0.3
      cat /proc/[0-9]*/stat | grep -c ' Z ' >&2 || echo none
    `;
    expect(await shell('go', text)).toContain('none');
  });

  test('gives the program no descriptor but the first three, and a session of its own', async () => {
    const script = `
import os, signal
print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)))
print(os.getsid(0) == os.getpid(), os.getppid())
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
`;
    const [, , descriptors, session, mask] = (await run('go', 'python3', '-c', script)).split('\n');
    expect([descriptors, session, mask]).toEqual(['[0, 1, 2]', 'True 1', 'set()']);
  });

  test('undoes signals that its own starter ignored', async () => {
    const script = `
import signal, subprocess, sys
for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
check = "grep -E '^Sig(Ign|Blk)' /proc/self/status"
subprocess.run(['unshare', '--pid', '--fork', '--mount-proc', sys.argv[1], '--', 'sh', '-c', check])
`;
    const printed = await host.ok(['python3', '-c', script, init]);
    expect(printed).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
  });

  test('lets no program of its own user write its status or its memory', async () => {
    const forge = `
for path in ['/proc/1/fd/3', '/proc/1/mem']:
    try:
        open(path, 'wb'); print('opened')
    except OSError as error:
        print(error.strerror)
`;
    const program = ['setpriv', '--reuid=71000', '--regid=71000', '--clear-groups', '--'];
    await host.ok(['cp', init, '/tmp/init']);
    const command = ['--pid', '--fork', '--mount-proc', ...program, '/tmp/init', '--'];
    const printed = await host.ok(['unshare', ...command, 'python3', '-c', forge]);
    expect(printed).toBe('Permission denied\nPermission denied\n');
  });

  test('tells by its exit code when it was started by hand', async () => {
    expect(await shell('none', 'exit 4')).toBe('ended 4\n');
    expect(await shell('none', 'kill -s ABRT $$')).toBe('ended 134\n');
    expect(await run('none', 'no-such-program')).toBe('ended 127\n');
  });

  test('refuses a command line without a program', async () => {
    expect((await host.run([init])).exitCode).toBe(125);
    expect((await host.run([init, 'sh'])).exitCode).toBe(125);
    expect((await host.run([init, '--'])).exitCode).toBe(125);
  });
});
