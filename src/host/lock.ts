import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { execaSync } from 'execa';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

const lockPath = '/run/jailctl.lock';

/** flock(1) exits with this when somebody else holds the lock. */
const conflictStatus = 75;

/** Held from `takeLock` until it is disposed, or until the process dies. */
export interface Lock {
  [Symbol.dispose](): void;
}

/**
 * flock(1) locks the open file description that this process shares with it (flock(2)): the lock
 * stays when flock(1) has ended, and goes with this process however that dies.
 */
function lockDescriptor(descriptor: number): boolean {
  const result = execaSync(
    requireCommand('flock'),
    ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflictStatus), '0'],
    {
      env: toolEnvironment,
      extendEnv: false,
      reject: false,
      // execa's types know the numbers 0 to 2 only; it takes any descriptor.
      stdin: descriptor as 0,
    },
  );
  if (result.exitCode === conflictStatus) return false;
  if (result.failed) throw new Failure(`can't lock ${lockPath}: ${result.stderr}`);
  return true;
}

function refuse(): never {
  const holder = readFileSync(lockPath, 'utf8').trim();
  throw new Failure(
    `another jailctl is at work on this host: ${holder === '' ? 'just started' : holder}`,
    { exitCode: exitCode.locked, hint: 'wait until it has ended, then run the command again' },
  );
}

/**
 * Keeps every other jailctl that changes the host out.
 * @param command what the holder does, for the message that another jailctl prints
 * @throws Failure with exit code 5, naming the holder, when another one is at work
 */
export function takeLock(command: string): Lock {
  for (;;) {
    const descriptor = openSync(lockPath, 'a+', 0o600);
    if (!lockDescriptor(descriptor)) {
      closeSync(descriptor);
      refuse();
    }
    // The last holder may have removed the file between our open and our lock: then nobody else
    // would see this lock.
    const current = statSync(lockPath, { throwIfNoEntry: false });
    if (current?.ino !== fstatSync(descriptor).ino) {
      closeSync(descriptor);
      continue;
    }
    ftruncateSync(descriptor);
    writeSync(descriptor, `pid ${process.pid}, ${command}, since ${new Date().toISOString()}\n`);
    return {
      [Symbol.dispose]: () => {
        rmSync(lockPath, { force: true });
        closeSync(descriptor);
      },
    };
  }
}
