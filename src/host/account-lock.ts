import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

const passwordLock = '/etc/.pwd.lock';
const passwdLock = '/etc/passwd.lock';

/** vipw itself waits 15 seconds for the first of its locks (lckpwdf(3)), and not for the second. */
const waitMsMax = 30_000;
const retryMs = 250;

/**
 * What vipw starts as its editor: it says that the locks are held, waits until its input ends, and
 * touches nothing. So vipw ends quietly, having changed nothing: had it a complaint to write, it
 * would die of SIGPIPE before it releases its locks when jailctl has been killed. The editor itself
 * must not die so either, when jailctl was killed just before it speaks.
 */
const editor = `sh -c 'trap "" PIPE; echo locked 2>/dev/null; exec cat >/dev/null'`;

/** Held until it is disposed, or until this process dies. */
export interface AccountLock {
  /** @throws Failure when the locks are not held any more */
  check(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @returns undefined when the process has ended */
function processName(pid: string): string | undefined {
  try {
    return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (PID ${pid})`;
  } catch {
    return undefined;
  }
}

function holdsOpen(pid: string, path: string): boolean {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).some((name) => readlinkSync(`${directory}/${name}`) === path);
  } catch {
    // The process has ended meanwhile, or it is a kernel thread.
    return false;
  }
}

function lockFileHolder(): string | undefined {
  try {
    return readFileSync(passwdLock, 'latin1').replace(/\D/g, '');
  } catch {
    return undefined;
  }
}

/** A lock of lckpwdf(3) shows in proc_locks(5), by its holder's PID. */
function recordLockHolder(): string | undefined {
  const lines = readFileSync('/proc/locks', 'utf8').split('\n');
  const pids = lines.flatMap((line) => /POSIX +ADVISORY +WRITE +(\d+) /.exec(line)?.[1] ?? []);
  return pids.find((pid) => holdsOpen(pid, passwordLock));
}

/**
 * Who keeps the account files locked, for a person; undefined when nobody is seen. A lock file whose
 * process has ended, as a killed vipw leaves it, keeps nobody out: shadow's tools remove it.
 */
function lockHolder(): string | undefined {
  const pids = [
    [lockFileHolder(), passwdLock],
    [recordLockHolder(), passwordLock],
  ] as const;
  for (const [pid, path] of pids) {
    const name = pid === undefined ? undefined : processName(pid);
    if (name !== undefined) return `${name}, by ${path}`;
  }
  return undefined;
}

/** What vipw says when somebody else has a lock: strerror(3) of the call that failed, in English. */
const busy = /File exists|Interrupted system call|temporarily unavailable/;

/** One try. @returns what vipw complains of, when it does not get the locks */
async function tryLock(): Promise<AccountLock | string> {
  const vipw = execa(requireCommand('vipw'), ['--quiet'], {
    env: { ...toolEnvironment, EDITOR: editor, VISUAL: editor },
    extendEnv: false,
    reject: false,
    buffer: { stdout: false },
    stdin: 'pipe',
    // In a session of its own: Ctrl-C in the terminal must not take the locks away from us.
    detached: true,
  });
  let ended = false;
  // Not the end of its output: the editor would keep that open when vipw is killed.
  vipw.nodeChildProcess.once('exit', () => {
    ended = true;
  });
  // It says nothing when it could not even be started.
  const end = vipw.then(({ stderr, shortMessage = 'it ended at once' }) =>
    (stderr.trim() || shortMessage).replaceAll('\n', '; '),
  );
  const locked = new Promise<'locked'>((resolve) => {
    vipw.stdout.once('data', () => resolve('locked'));
  });
  const first = await Promise.race([locked, end.then((complaint) => ({ complaint }))]);
  if (first !== 'locked') return first.complaint;
  vipw.stdout.resume();
  return {
    check: () => {
      if (ended) throw new Failure('lost the lock of the account files: vipw was killed');
    },
    [Symbol.asyncDispose]: async () => {
      vipw.stdin.end();
      await end;
    },
  };
}

/**
 * Takes the locks that shadow's tools and systemd-sysusers respect, through shadow's own vipw
 * (fcntl(2) on /etc/.pwd.lock, and /etc/passwd.lock). They go when this process dies, however it
 * dies: vipw's editor then sees the end of its input.
 * @throws Failure naming the holder, when the locks are not free within half a minute
 */
export async function lockAccountFiles(): Promise<AccountLock> {
  const deadline = Date.now() + waitMsMax;
  for (;;) {
    const lock = await tryLock();
    if (typeof lock !== 'string') return lock;
    if (busy.test(lock) && Date.now() < deadline) {
      await sleep(retryMs);
      continue;
    }
    const holder = lockHolder();
    throw new Failure(
      holder === undefined
        ? `can't lock the account files: ${lock}`
        : `the account files are locked by ${holder}`,
      {
        hint:
          holder === undefined
            ? 'see what vipw says when you run it by hand'
            : 'wait until it has ended, then run the command again',
      },
    );
  }
}
