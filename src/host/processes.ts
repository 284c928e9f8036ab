import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

/** A process in uninterruptible sleep dies only when its I/O ends; this is how long it may take. */
const patienceMs = 10_000;
const pollMs = 10;

/** A tenant can stop or kill what runs with its UID, so nothing waits longer than this for it. */
const signallerMsMax = 1000;
const signallersAtOnce = 4;

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
      const code = (error as NodeJS.ErrnoException).code;
      // It ended while we looked.
      if (code === 'ENOENT' || code === 'ESRCH') continue;
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Sends SIGKILL to all processes of one user at once, with kill(-1) as that user: neither a fork
 * bomb nor a process that changes its PID all the time can run ahead of it (kill(2)).
 * @returns whether it was sent; the tenant may have killed or stopped the sender. It says nothing
 *   of whether there was a process: Linux answers 0 as long as anybody has one
 */
async function signalUser(uid: number): Promise<boolean> {
  const { exitCode } = await execa(
    requireCommand('setpriv'),
    [
      ...[`--ruid=${nobodysUid}`, `--euid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'],
      // -p keeps the effective UID, which a shell else drops for the real one.
      ...['sh', '-p', '-c', 'kill -s KILL -- -1'],
    ],
    {
      env: toolEnvironment,
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      detached: true,
      timeout: signallerMsMax,
      killSignal: 'SIGKILL',
    },
  );
  return exitCode === 0 || exitCode === 1;
}

/** @returns the users that the signal could not be sent to */
async function signalUsers(uids: readonly number[]): Promise<Set<number>> {
  const left = new Set<number>();
  const queue = [...uids];
  const worker = async () => {
    for (let uid = queue.pop(); uid !== undefined; uid = queue.pop()) {
      if (!(await signalUser(uid))) left.add(uid);
    }
  };
  await Promise.all(Array.from({ length: signallersAtOnce }, worker));
  return left;
}

/**
 * Ends every process of these users. Each is killed by its PID first, which nothing that the
 * tenant does can delay; then all that are left, whatever their PIDs, by one kill(-1) for each user.
 * @throws Failure when one is still there after 10 s
 */
export async function endProcesses(uids: readonly number[]): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let pending: ReadonlySet<number> = new Set(uids);
  while (pending.size > 0) {
    for (const { pid } of processesOf(pending)) kill(pid);
    const left = await signalUsers([...pending]);
    for (const { uid } of processesOf(pending)) left.add(uid);
    pending = left;
    if (pending.size === 0) return;
    if (performance.now() > deadline) {
      throw new Failure(`processes of UID ${[...pending].join(', ')} do not end`, {
        hint: 'look at them with: ps -u UID -o pid,stat,wchan,args',
      });
    }
    // The signal is sent; the processes still have to be scheduled once to die.
    await delay(pollMs);
  }
}
