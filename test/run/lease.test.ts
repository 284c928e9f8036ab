import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { janitorScript } from '../../src/host/run/janitor.ts';
import { type TestHost, testHost } from '../rig/host.ts';

const holder = fileURLToPath(new URL('lease-holder.ts', import.meta.url));

type Mode = '--now' | '--hold' | '--wait' | '--impatient' | '--often';

describe('leases of jail users', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await testHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const argv = (mode: Mode, users: readonly string[]) =>
    [process.execPath, holder, mode, ...users] as const;
  const ask = (mode: Mode, ...users: string[]) => host.ok(argv(mode, users));
  const hold = async (user: string) => {
    const held = host.spawn(argv('--hold', [user]));
    await held.printed(`leased ${user}`);
    return held;
  };
  const processes = () => host.ok(['ps', '-e', '-o', 'pid=,args=']);
  const waiters = async () => (await host.ok(['ps', '-e', '-o', 'comm='])).match(/^flock$/gm) ?? [];
  const leftovers = () => host.ok(['sh', '-c', 'find /run/jailctl 2>/dev/null; true']);

  test('go to one process at a time, the first free user first', async () => {
    await using _first = await hold('web1');
    expect(await ask('--now', 'web1', 'web2')).toContain('leased web2');
    const refused = await ask('--now', 'web1');
    expect(refused).toMatch(/^refused 5 web1 \(pid \d+\) is running something .*--wait/);
  });

  test('are free again after the holder is done, and leave nothing', async () => {
    expect(await ask('--now', 'web1')).toContain('leased web1');
    expect(await leftovers()).toBe('');
    expect(await processes()).not.toMatch(/janitor/);
    expect(await ask('--now', 'web1')).toContain('leased web1');
  });

  test('are free again after the holder was killed, and leave nothing', async () => {
    const first = await hold('web1');
    await first[Symbol.asyncDispose]();
    expect(await ask('--wait', 'web1')).toContain('leased web1');
    await expect.poll(leftovers, { timeout: 10_000 }).toBe('');
    expect(await processes()).not.toMatch(/janitor/);
  });

  test('leave nothing when their holder is killed before it removes the lock file', async () => {
    const file = '/run/jailctl/leases/web1';
    const trace = ['strace', '--output=/run/trace', `--trace-path=${file}`] as const;
    await host.run([...trace, '--inject=unlink,unlinkat:signal=KILL', ...argv('--now', ['web1'])]);
    expect(await host.ok(['cat', '/run/trace'])).toMatch(/unlink.*\n.*killed by SIGKILL/);
    await expect.poll(leftovers, { timeout: 10_000 }).toBe('');
    expect(await processes()).not.toMatch(/janitor/);
  });

  test('are not touched by the janitor of a holder that has given them back', async () => {
    // /bin/false in place of jailctl-sweep: who cleans up fails.
    const script = `
      mkdir /run/given /run/given/theirs && cd /run/given && mkfifo in out && exec 3>lock || exit
      set -- "$1" janitor --nonblock /run/given/lock 81000 /run/given/theirs /bin/false
      sh -c "$@" <in >out &
      exec 3>&- 4>in
      read -r said <out
      echo released >&4
      rm lock && echo another >lock
      exec 4>&-
      wait $!
      echo "$said, $?, $(cat lock), $(ls -d theirs)"`;
    const said = await host.ok(['sh', '-c', script, 'sh', janitorScript]);
    expect(said.trim()).toBe('locked, 0, another, theirs');
  });

  test('are not given again before what the killed holder was running has ended', async () => {
    const first = await hold('web1');
    const as = ['setpriv', '--reuid=81000', '--regid=81000', '--clear-groups', '--'] as const;
    await using running = host.spawn([...as, 'sh', '-c', 'echo running; exec sleep 1000']);
    await running.printed('running');
    await first[Symbol.asyncDispose]();
    await ask('--wait', 'web1');
    expect(await processes()).not.toMatch(/sleep 1000/);
  });

  test('leave no mount that a killed runtime had in their directory', async () => {
    const first = await hold('web1');
    const directory = '/run/jailctl/bundles/web1';
    const copy = `touch ${directory}/copy && mount --bind "$(command -v sh)" ${directory}/copy`;
    await host.ok(['sh', '-c', copy]);
    await first[Symbol.asyncDispose]();
    await expect.poll(leftovers, { timeout: 10_000 }).toBe('');
    expect(await host.ok(['sh', '-c', 'grep bundles /proc/mounts; true'])).toBe('');
  });

  test('are waited for, on every user at once, without leaving a waiter', async () => {
    await using _first = await hold('web1');
    const second = await hold('web2');
    await using waiting = host.spawn(argv('--wait', ['web1', 'web2']));
    const leased = waiting.printed('leased web2');
    await expect.poll(waiters, { timeout: 10_000 }).toHaveLength(2);
    await second[Symbol.asyncDispose]();
    await leased;
    await waiting.result();
    expect(await waiters()).toEqual([]);
  });

  test('are waited for no longer than the caller wants', async () => {
    await using _first = await hold('web1');
    expect(await ask('--impatient', 'web1')).toMatch(/^refused 130 interrupted/);
    expect(await waiters()).toEqual([]);
  });

  test('outlive the janitor, for their holder has the lock as well', async () => {
    await using _first = await hold('web1');
    const janitor = /^ *(\d+) .*jailctl-janitor/m.exec(await processes())?.[1] ?? '';
    await host.ok(['kill', '-s', 'KILL', janitor]);
    expect(await ask('--now', 'web1')).toMatch(/^refused 5/);
  });

  test('are taken and given back by many at once, and leave nothing', async () => {
    const users = ['web1', 'web1', 'web2', 'web2', 'web3', 'web3', 'web4', 'web4'];
    const said = await Promise.all(users.map((user) => ask('--often', user)));
    for (const lines of said) expect(lines).toMatch(/^(?:leased web\d\n){30}$/);
    expect(await leftovers()).toBe('');
  });

  test('are refused where somebody else could get at them', async () => {
    await host.ok(['mkdir', '--mode=0755', '/run/jailctl']);
    expect(await ask('--now', 'web1')).toMatch(/^refused 125 \/run\/jailctl is not/);
  });
});
