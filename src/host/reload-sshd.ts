import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import type { Step } from '../model/step.ts';
import { isErrno } from './errno.ts';
import { runTool } from './tool.ts';

/** sshd starts itself anew to read its configuration. */
const patienceMs = 10_000;
const pollMs = 10;

/** The PID of the sshd that listens; undefined where none does. */
function listener(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    // Another process may have the number by now.
    const isSshd = /\bsshd\b/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'));
    return Number.isInteger(pid) && isSshd ? pid : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** When sshd last read its configuration: it then writes its PID file. */
function readAtMs(pidFile: string): number {
  return statSync(pidFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * As `sshd -T` prints them.
 * @param mustBeRight else what is wrong, or that there is no sshd, is somebody else's business
 */
async function settingsFor(user: string, mustBeRight: boolean): Promise<readonly string[]> {
  const who = `user=${user},host=localhost,addr=127.0.0.1`;
  try {
    return (await runTool(['sshd', '-T', '-C', who])).split('\n');
  } catch (error) {
    if (mustBeRight) throw error;
    return [];
  }
}

/**
 * Makes sshd(8) read its configuration again, and waits until it has. Open connections stay.
 * @throws Failure when the configuration, as a whole, has a mistake, or means something else for the
 *   user: then sshd is not told, and goes on as it was
 */
export async function reloadSshd({
  user,
  effective,
}: Extract<Step, { op: 'reloadSshd' }>): Promise<void> {
  const lines = await settingsFor(user, effective.length > 0);
  const missing = effective.find((line) => !lines.includes(line));
  if (missing !== undefined) {
    const keyword = `${missing.split(' ')[0]} `;
    const found = lines.find((line) => line.startsWith(keyword)) ?? 'nothing';
    throw new Failure(`sshd would have "${found}" for ${user}, and not "${missing}"`, {
      hint: 'something in sshd_config comes before the file of jailctl and is about jail users: a Match, perhaps',
    });
  }
  const pidFile = lines.find((line) => line.startsWith('pidfile '))?.slice('pidfile '.length) ?? '';
  const pid = listener(pidFile);
  if (pid === undefined) return;
  const before = readAtMs(pidFile);
  process.kill(pid, 'SIGHUP');
  const deadline = performance.now() + patienceMs;
  while (readAtMs(pidFile) === before) {
    if (performance.now() > deadline) {
      throw new Failure(`sshd (PID ${pid}) does not read its configuration`, {
        hint: 'look at its log, and reload it: systemctl reload ssh',
      });
    }
    await delay(pollMs);
  }
}
