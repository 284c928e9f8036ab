import { spawn } from 'node:child_process';
import { closeSync, existsSync, rmSync } from 'node:fs';
import { Failure } from '../../model/failure.ts';
import { isCurrent, lockDescriptor, lockFile, openLockFile } from '../flock.ts';
import { requireCommand, toolEnvironment } from '../path.ts';

const path = '/run/jailctl-verify.lock';

/** Waits for the lock without polling. flock(1) locks what it shares with this process (flock(2)). */
async function lock(descriptor: number, signal: AbortSignal): Promise<void> {
  const flock = spawn(requireCommand('flock'), ['--exclusive', '0'], {
    env: toolEnvironment,
    stdio: [descriptor, 'ignore', 'ignore'],
    // In a session of its own: Ctrl-C in the terminal is for jailctl, which ends it.
    detached: true,
  });
  const stop = () => flock.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const code = await new Promise((resolve, reject) => {
      flock.once('error', reject);
      flock.once('exit', resolve);
    });
    if (code !== 0 && !signal.aborted) throw new Failure(`can't lock ${path}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Its file goes first: whoever locks it afterwards sees that it is not the current one. */
function giveBack(descriptor: number): void {
  rmSync(path, { force: true });
  closeSync(descriptor);
}

/** Lets go of a lock file that may or may not be locked, and may be somebody else's. */
function giveUp(descriptor: number): void {
  if (lockDescriptor(descriptor, path) && isCurrent(descriptor, path)) giveBack(descriptor);
  else closeSync(descriptor);
}

/**
 * Waits until no other verification on this host has the turn, or until the signal is aborted: then
 * nobody has it. It goes with this process.
 */
export async function takeTurn(signal: AbortSignal): Promise<Disposable> {
  for (;;) {
    const descriptor = openLockFile(path);
    try {
      await lock(descriptor, signal);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    if (signal.aborted) {
      giveUp(descriptor);
      return { [Symbol.dispose]: () => {} };
    }
    if (isCurrent(descriptor, path)) {
      return { [Symbol.dispose]: () => giveBack(descriptor) };
    }
    // Whoever had it has removed the file that we locked.
    closeSync(descriptor);
  }
}

/** Removes the lock file that a verification left which was killed. */
export function removeAbandonedTurn(): void {
  if (!existsSync(path)) return;
  const descriptor = lockFile(path);
  if (descriptor !== undefined) giveBack(descriptor);
}
