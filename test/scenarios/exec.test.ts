import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';

const manifest = `version: 1
root: /srv
uids: 88000-88999
jails:
  box:
    users: 2
    tools: [sh, cat, ls, sleep]
    limits: { processes: 4, memory: 64MiB, wall_time: 5s, cpu_time: 2s, output: 64KiB }
`;

let host: TestHost;

beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await host.write('/srv/jails.yaml', manifest);
  const applied = await host.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml']);
  expect(applied.exitCode).toBe(0);
});

afterAll(() => host[Symbol.asyncDispose]());

const run = (script: string, ...options: string[]) =>
  host.jailctl(['exec', ...options, 'box', '--', 'sh', '-c', script]);

describe('a program that exec runs', () => {
  test('is the user, passes its streams through, and exits as it did', async () => {
    const args = ['exec', 'box/box2', '--', 'sh', '-c', 'cat; echo bad >&2; exit 7'];
    const result = await host.jailctl(args, { input: 'in' });
    expect(result).toMatchObject({ exitCode: 7, stdout: 'in', stderr: 'bad\n' });
  });

  test('is held by every layer', async () => {
    const { stdout } = await run('cat /proc/self/status; ls -A /dev');
    expect(stdout).toMatch(/^Uid:\s+8800([01])\s+8800\1\s+8800\1\s+8800\1$/m);
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(stdout).toMatch(/^Seccomp:\s+2$/m);
    expect(stdout.match(/^Cap\w+:\s+0+$/gm)).toHaveLength(5);
    expect(stdout).toMatch(/^Groups:\s*$/m);
    expect(stdout).toMatch(/^null$/m);
    expect(stdout).not.toMatch(/^(?:sda|vda|mem|kmsg)$/m);
  });

  test('writes to its home and /tmp only', async () => {
    const { stdout } = await run(
      'for d in / /usr /etc /home /dev ~ /tmp; do (: >$d/x) 2>/dev/null && echo $d; done; true',
    );
    expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(/^\/home\/box[12]$/), '/tmp']);
  });

  test('is ended at each of its limits, with the reason', async () => {
    const forks = await run('for i in 1 2 3 4 5; do sleep 1 & done; wait');
    expect(forks.stderr).toMatch(/fork/i);
    const wall = await run('sleep 60', '--limit', 'wall_time=1s');
    expect([wall.exitCode, wall.stderr]).toEqual([137, expect.stringContaining('wall time')]);
    const output = await run('while :; do echo xxxxxxxxxxxxxxxx; done', '--limit', 'output=1KiB');
    expect([output.exitCode, output.stdout.length]).toEqual([137, 1024]);
    const memory = await run('x=x; while :; do x=$x$x; done', '--limit', 'memory=16MiB');
    expect([memory.exitCode, memory.stderr]).toEqual([137, expect.stringContaining('memory')]);
  });

  test('leaves no process and no cgroup behind', async () => {
    expect((await run('(sleep 300) & exit 0')).exitCode).toBe(0);
    const uids = 'cat /proc/[0-9]*/status 2>/dev/null | grep "^Uid:.*8800[01]"';
    const groups = 'find /sys/fs/cgroup -name "box[12]"';
    expect(await host.ok(['sh', '-c', `${uids}; ${groups}`])).toBe('');
  });

  test('is told apart when it is not there, or not to be run', async () => {
    const exec = async (...argv: string[]) =>
      (await host.jailctl(['exec', 'box', '--', ...argv])).exitCode;
    expect(await exec('nothing')).toBe(127);
    expect(await exec('/etc/passwd')).toBe(126);
    expect((await host.jailctl(['exec', 'none', '--', 'ls'])).exitCode).toBe(3);
    expect((await run('true', '--limit', 'memory=1GiB')).exitCode).toBe(3);
  });

  test('is refused where no runtime is installed, or no cgroup can be made', async () => {
    const runsc = await run('true', '--engine', 'runsc');
    expect([runsc.exitCode, runsc.stderr]).toEqual([7, expect.stringContaining('runsc')]);
    await using bare = await testHost();
    await bare.write('/srv/jails.yaml', manifest);
    await bare.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml']);
    const refused = await bare.jailctl(['exec', 'box', '--', 'ls']);
    expect([refused.exitCode, refused.stdout]).toEqual([125, '']);
  });
});
