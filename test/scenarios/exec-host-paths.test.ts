import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { answersIn } from './batch.ts';
import { jailctlPath } from './cli.ts';
import { preferCrun, provision } from './exec-jail.ts';

const manifest = `uids: 83400-83499
jails:
  box:
    users: 2
    tools: [sh, ln, cat]
    limits: { memory: 64MiB, processes: 8 }
  other:
    users: 1
    tools: [sh, ln]
    limits: { memory: 64MiB, processes: 8 }
`;

/** What a tenant leaves for whoever takes its home for a directory like any other. */
const plant = 'ln -sf /root/secret x; ln -sfn /root/target sub; echo mine >result';

const homes = { box: '/srv/box/home/box1', other: '/srv/other/home/other1' };

describe('a path of the host that leads through a jail', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await preferCrun(host);
    await provision(host, manifest);
    for (const jail of ['box/box1', 'other']) {
      const { exitCode, stderr } = await host.jailctl(['exec', jail, '--', 'sh', '-c', plant]);
      expect([exitCode, stderr]).toEqual([0, '']);
    }
    await host.write('/root/secret', 'of the host', 0o600);
    await host.ok(['ln', '-s', homes.box, '/root/out']);
    await host.ok(['ln', '-s', homes.other, '/root/other-out']);
  });
  afterAll(() => host[Symbol.asyncDispose]());
  beforeEach(() => host.ok(['sh', '-c', 'rm -rf /root/target; mkdir /root/target']));

  const inTarget = () => host.ok(['ls', '-A', '/root/target']);
  const ways = ['/root/out', '/root/other-out', homes.box, homes.other];

  /** The run of another user is refused, and says why. */
  const expectRefused = async (options: readonly string[], script: string) => {
    const ended = await host.jailctl(['exec', ...options, 'box/box2', '--', 'sh', '-c', script]);
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toMatch(/leads into the jail (box|other) \(\/srv\/\1\)/);
    expect(ended.stderr).toContain('--copy-out');
    expect(await inTarget()).toBe('');
  };

  test.for(ways)('is not read by --in: %s/x', (way) =>
    expectRefused(['--in', `${way}/x`], 'cat x'),
  );

  test.for(ways)('is not written by --copy-out: %s/sub/evil', (way) =>
    expectRefused(['--copy-out', `o:${way}/sub/evil`], 'echo evil >o'),
  );

  test.for(ways)('is not written by --meta: %s/sub/meta', (way) =>
    expectRefused(['--meta', `${way}/sub/meta`], 'echo ran'),
  );

  test.for(ways)('is no list of jobs: %s/x', async (way) => {
    const ended = await host.jailctl(['exec', '--batch', `${way}/x`, 'box']);
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toMatch(/leads into the jail (box|other)/);
  });

  test.for(ways)("is not read as a job's stdin_file: %s/x", async (way) => {
    await host.write(
      '/root/jobs',
      `${JSON.stringify({ argv: ['cat'], stdin_file: `${way}/x` })}\n`,
    );
    const { stdout } = await host.jailctl(['exec', '--batch', '/root/jobs', 'box']);
    expect(answersIn(stdout)).toEqual([
      expect.objectContaining({
        type: 'error',
        message: expect.stringMatching(/leads into the jail (box|other)/),
      }),
    ]);
    expect(stdout).not.toContain('of the host');
  });

  test('is not written by init', async () => {
    const { exitCode, stderr } = await host.jailctl(['init', '/root/out/sub/new']);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('leads into the jail box')]);
    expect(await inTarget()).toBe('');
  });

  test('needs none of that: --copy-out brings the file to where all of it works', async () => {
    const argv = ['--copy-out', 'result:/root/target/result', 'box/box1', '--', 'sh', '-c', ':'];
    expect(await host.jailctl(['exec', ...argv])).toMatchObject({ exitCode: 0 });
    await host.ok(['ln', '-s', 'target', '/root/link']);
    // Pipes, as `<(command)` of a shell is one.
    const script = `echo '{"argv":["cat","result"]}' | "$0" "$1" exec --batch /dev/stdin \
      --in /root/link/result box/box2 && "$0" "$1" exec --meta /dev/stderr box/box2 -- sh 2>&1 | cat`;
    const printed = await host.ok(['sh', '-c', script, process.execPath, jailctlPath]);
    expect(printed).toMatch(/"stdout":"mine\\n".*\n.*exitcode:0/s);
  });
});
