import type { TestHost } from '../rig/host.ts';

const release = '/run/release-accounts';

/** Takes the lock of lckpwdf(3), as passwd(1) and its like do, until it is told to let go. */
const holder = `
import fcntl, os, time
lock = open('/etc/.pwd.lock', 'w')
fcntl.lockf(lock, fcntl.LOCK_EX)
print('held', flush=True)
while not os.path.exists('${release}'): time.sleep(0.01)
os.remove('${release}')
`;

/** A process that waits for that lock shows in proc_locks(5) behind its holder. */
const waiting = `until grep -q -- '-> POSIX' /proc/locks; do sleep 0.01; done`;

/**
 * Stops a jailctl in the middle: it is started while somebody has the account files locked, and when
 * it waits for them, `meanwhile` happens; then the lock is free, and it goes on.
 * @returns how it ended
 */
export async function atTheAccounts(
  host: TestHost,
  args: readonly string[],
  meanwhile: () => Promise<unknown>,
) {
  const holding = host.spawn(['python3', '-c', holder]);
  await holding.printed('held');
  const running = host.jailctl(args);
  await host.ok(['sh', '-c', waiting], { timeoutMs: 50_000 });
  await meanwhile();
  await host.ok(['touch', release]);
  const ended = await running;
  await holding.result();
  return ended;
}
