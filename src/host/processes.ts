import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { isErrno } from './errno.ts';
import { kill } from './kill.ts';
import { runTool } from './tool.ts';

/**
 * A process in uninterruptible sleep dies only when its I/O ends; this is how long it may take
 * after it was killed for the first time.
 */
const patienceMs = 10_000;
const pollMs = 10;

/** A tenant can stop or kill what runs with its UID, so nothing waits longer than this for it. */
const signalSecondsMax = 1;

/**
 * The real UID of the process that sends the signal: nobody has it. With the tenant's own, the
 * tenant could trace the process (ptrace(2), PTRACE_MODE_ATTACH wants all three UIDs to match) and
 * run programs outside of its jail through it.
 */
const nobodysUid = 4_294_967_294;

interface TenantProcess {
  readonly pid: number;
  readonly uid: number;
}

/** The processes of these users, by real, effective, saved or file-system UID. */
function processesOf(uids: ReadonlySet<number>): readonly TenantProcess[] {
  const found: TenantProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    let status: string;
    try {
      status = readFileSync(`/proc/${name}/status`, 'utf8');
    } catch (error) {
      // It ended while we looked.
      if (isErrno(error, 'ENOENT', 'ESRCH')) continue;
      throw error;
    }
    // A zombie runs nothing any more, and only its parent can remove it.
    if (/^State:\s+[ZX]/m.test(status)) continue;
    const line = /^Uid:\s+(.*)$/m.exec(status)?.[1] ?? '';
    const uid = line
      .split(/\s+/)
      .map(Number)
      .find((one) => uids.has(one));
    if (uid !== undefined) found.push({ pid: Number(name), uid });
  }
  return found;
}

/**
 * For each UID in its arguments, sends SIGKILL to all processes of the user at once, with kill(-1)
 * as that user, and prints those UIDs for which it could not. It is root's, and so is timeout(1);
 * only the innermost shell can be killed or stopped by the tenant. `sh -p` keeps the effective
 * UID, which a shell else drops for the real one. That kill ends with 0 or 1 says nothing of
 * whether there was a process: Linux answers 0 as long as anybody has one.
 */
const signalScript = `
for uid do
  timeout --signal=KILL ${signalSecondsMax} setpriv --ruid=${nobodysUid} --euid="$uid" \\
    --regid="$uid" --clear-groups -- sh -p -c 'kill -s KILL -- -1' 2>/dev/null
  case $? in 0 | 1) ;; *) echo "$uid" ;; esac
done
`;

/** @returns the users that the signal could not be sent to: the tenant may meddle */
async function signalUsers(uids: readonly number[]): Promise<Set<number>> {
  const output = await runTool(['sh', '-c', signalScript, 'sh', ...uids.map(String)]);
  return new Set(output.split('\n').filter(Boolean).map(Number));
}

/**
 * Ends every process of these users. Each is killed by its PID first, which nothing that the
 * tenant does can delay; then all that are left, whatever their PIDs, by one kill(-1) for each user.
 * @throws Failure when one is still there after 10 s
 */
export async function endProcesses(uids: readonly number[]): Promise<void> {
  let pending: ReadonlySet<number> = new Set(uids);
  let deadline: number | undefined;
  for (;;) {
    for (const { pid } of processesOf(pending)) kill(pid);
    const left = await signalUsers([...pending]);
    for (const { uid } of processesOf(pending)) left.add(uid);
    if (left.size === 0) return;
    pending = left;
    deadline ??= performance.now() + patienceMs;
    if (performance.now() > deadline) {
      throw new Failure(`processes of UID ${[...pending].join(', ')} do not end`, {
        hint: 'look at them with: ps -u UID -o pid,stat,wchan,args',
      });
    }
    // The signal is sent; the processes still have to be scheduled once to die.
    await delay(pollMs);
  }
}
