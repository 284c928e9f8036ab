import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';

const sweep = fileURLToPath(new URL('../../dist/jailctl-sweep', import.meta.url));

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

  test('can neither trace nor signal what ends it', async () => {
    await using host = await testHost();
    const log = '/run/calls';
    const strace = ['strace', '-f', '-e', 'trace=setresuid', '-o', log, '--'] as const;
    await host.ok([...strace, sweep, '87000', '87001']);
    const calls = (await host.read(log)).match(/setresuid\(.*\)/g) ?? [];
    // ptrace(2) wants real, effective and saved UID to be the tracer's own, and kill(2) one of the
    // real and the saved one.
    const asUsers = calls.filter((call) => !call.startsWith('setresuid(0, 0, 0)'));
    const nobodys = /^setresuid\((429\d{7}), (8700[01]), 0\)/;
    expect(asUsers.map((call) => nobodys.exec(call)?.[2])).toEqual(['87000', '87001']);
  });

  test('is ended by four who sweep at the same time, and none ends another', async () => {
    await using host = await testHost();
    const script = `for uid in 87000 87001 87002 87003; do
  (for round in $(seq 500); do ${sweep} $uid || echo "$uid: $?"; done) &
done
wait`;
    expect(await host.ok(['sh', '-c', script])).toBe('');
  });

  test('is not half ended where a user namespace lacks a UID', async () => {
    await using host = await testHost();
    const swept = await host.run(['unshare', '--map-root-user', sweep, '87000']);
    expect([swept.exitCode, swept.stderr]).toEqual([1, expect.stringContaining('87000: can')]);
  });

  test('takes nobody with it, also where root keeps its capabilities with another UID', async () => {
    await using host = await testHost();
    const waiting = [
      'python3',
      '-c',
      "import signal; print('up', flush=True); signal.pause()",
    ] as const;
    await using other = host.spawn(waiting, { user: 88000 });
    await using tenant = host.spawn(waiting, { user: 87000 });
    await Promise.all([other.printed('up'), tenant.printed('up')]);
    const keeping = ['setpriv', '--securebits=+no_setuid_fixup', '--'] as const;
    const refused = await host.run([...keeping, sweep, '87000']);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('no_setuid_fixup');
    expect(await survivors(host)).toContain('87000');
    await host.ok([sweep, '87000', '87001']);
    expect(await survivors(host)).toBe('');
    expect(await host.ok(['pgrep', '-U', '88000', '-c'])).toBe('1\n');
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
