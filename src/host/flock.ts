import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

/** flock(1) exits with this when somebody else holds the lock. */
export const conflictStatus = 75;

/**
 * Locks an open file, without waiting. flock(1) locks the open file description that this process
 * shares with it (flock(2)): the lock stays when flock(1) has ended, and goes with this process
 * however that dies.
 * @returns false when somebody else holds the lock
 */
export function lockDescriptor(descriptor: number, path: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const result = spawnSync(
    requireCommand('flock'),
    ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflictStatus), '0'],
    { env: toolEnvironment, stdio: [descriptor, 'pipe', 'pipe'], encoding: 'utf8' },
  );
  if (result.status === conflictStatus) return false;
  if (result.status !== 0) {
    throw new Failure(`can't lock ${path}: ${result.stderr}`, { cause: result.error });
  }
  return true;
}

/**
 * A holder removes its file before it lets go of the lock. So it may be gone between our open and
 * our lock: then nobody else would see the lock, and it is worth nothing.
 */
export function isCurrent(descriptor: number, path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino;
}

/** Opens a file that is made where there is none, to lock it. */
export function openLockFile(path: string): number {
  return openSync(path, 'a+', 0o600);
}

/**
 * Locks a file, made where there is none, without waiting.
 * @returns a descriptor that holds the lock until it is closed; undefined when somebody else does
 */
export function lockFile(path: string): number | undefined {
  for (;;) {
    const descriptor = openLockFile(path);
    const locked = lockDescriptor(descriptor, path);
    if (locked && isCurrent(descriptor, path)) return descriptor;
    closeSync(descriptor);
    if (!locked) return undefined;
  }
}
