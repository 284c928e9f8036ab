import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { runTool } from './tool.ts';

/** A process in uninterruptible sleep dies only when its I/O ends; this is how long it may take. */
const patienceMs = 10_000;
const pollMs = 10;

/** The UIDs of `uids` that have a process: real, effective, saved or file-system UID. */
function uidsWithProcesses(uids: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
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
    for (const uid of line.split(/\s+/).map(Number)) if (uids.has(uid)) found.add(uid);
  }
  return found;
}

/**
 * Ends every process of these users. kill(-1) is sent as the user itself: the kernel then signals
 * all of them at once, so that a fork bomb can't run ahead of a loop over /proc (kill(2)).
 * @throws Failure when one is still there after 10 s
 */
export async function endProcesses(uids: readonly number[]): Promise<void> {
  const wanted = new Set(uids);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const alive = uidsWithProcesses(wanted);
    if (alive.size === 0) return;
    if (performance.now() > deadline) {
      throw new Failure(`processes of UID ${[...alive].join(', ')} do not end`, {
        hint: 'look at them with: ps -u UID -o pid,stat,wchan,args',
      });
    }
    for (const uid of alive) {
      await runTool([
        'setpriv',
        `--reuid=${uid}`,
        `--regid=${uid}`,
        '--clear-groups',
        '--',
        'sh',
        '-c',
        // Exits 1 when the last process ended by itself just before.
        'kill -s KILL -- -1 || true',
      ]);
    }
    // The signal is sent; the processes still have to be scheduled once to die.
    await delay(pollMs);
  }
}
