import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';

const processes = fileURLToPath(new URL('../../src/host/processes.ts', import.meta.url));

const manifest = `version: 1
root: /srv
uids: 87000-87999
jails:
  w: { users: 2, tools: [ls] }
`;

/** Signals all that it may, all the time, and says so once. */
function meddler(signal: string): string {
  return `
import os, signal
print('meddling', flush=True)
while True:
    try: os.kill(-1, signal.${signal})
    except OSError: pass
`;
}

/** Goes on in a child, all the time: its PID is never the one that was seen. */
const hopper = `
import os
print('hopping', flush=True)
while True:
    if os.fork() > 0: os._exit(0)
`;

async function survivors(host: Awaited<ReturnType<typeof testHost>>): Promise<string> {
  const script = 'cat /proc/[0-9]*/status 2>/dev/null | grep "^Uid:.*8700" || true';
  return host.ok(['sh', '-c', script]);
}

describe('a tenant whose account goes', () => {
  test.each([
    ['kills', meddler('SIGKILL'), 'meddling'],
    ['stops', meddler('SIGSTOP'), 'meddling'],
    ['runs ahead of', hopper, 'hopping'],
  ])('that %s what would end it ends all the same', async (_, program, word) => {
    await using host = await testHost();
    await host.write('/srv/jails.yaml', manifest);
    expect((await host.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml'])).exitCode).toBe(0);
    await using tenant = host.spawn(['python3', '-c', program], { user: 87000 });
    await tenant.printed(word);
    const destroyed = await host.jailctl(['destroy', '--yes', '--destroy-data']);
    expect(destroyed.stderr).not.toContain('jailctl:');
    expect(destroyed.exitCode).toBe(0);
    expect(await survivors(host)).toBe('');
  });

  test('can trace no process that jailctl starts to end it', async () => {
    await using host = await testHost();
    const code = `import(${JSON.stringify(processes)}).then((it) => it.endProcesses([87000]))`;
    const log = '/run/calls';
    const strace = ['strace', '-f', '-e', 'trace=setresuid', '-o', log, '--'] as const;
    await host.ok([...strace, process.execPath, '-e', code]);
    const calls = (await host.read(log)).match(/setresuid\(.*\)/g);
    // ptrace(2) wants real, effective and saved UID to be the tracer's own.
    expect(calls).toEqual([expect.stringMatching(/^setresuid\((4294967294|-2), 87000, /)]);
  });

  test('makes no drift by what it does to its home', async () => {
    await using host = await testHost();
    await host.write('/srv/jails.yaml', manifest);
    expect((await host.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml'])).exitCode).toBe(0);
    const harm = `import os
os.setxattr(b'/srv/w/home/w1', b'user.\\xff\\xfe', b'x')
os.setxattr(b'/srv/w/home/w1', b'user.a=b', b'x')
os.chmod('/srv/w/home/w1', 0o777)`;
    await host.ok(['python3', '-c', harm]);
    const plan = await host.jailctl(['plan', '--detailed-exitcode', '-f', '/srv/jails.yaml']);
    expect([plan.exitCode, plan.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
  });
});
