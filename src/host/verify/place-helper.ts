import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { isErrno } from '../errno.ts';
import { keepTimes } from './keep-times.ts';

/** The number is the PID of the verification. */
const ours = /^\.jailctl-probe-(\d+)-/;

/** The jail is only looked at, and what is made in it goes again: so its directory keeps its time. */
function keepingTime(jail: string, change: () => void): void {
  using _times = keepTimes([jail]);
  change();
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // An apply meanwhile has removed what is not the jail's, or it was never a file of ours.
    if (!isErrno(error, 'ENOENT', 'EISDIR', 'EPERM')) throw error;
  }
}

/** What verifications left that were killed: those whose process has gone. */
function removeLeftovers(jail: string): void {
  for (const name of readdirSync(jail)) {
    const pid = ours.exec(name)?.[1];
    if (pid === undefined || lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })) continue;
    keepingTime(jail, () => unlink(`${jail}/${name}`));
  }
}

/** By descriptor: whoever owns the directory of a foreign jail could turn a path meanwhile. */
function write(path: string, program: Buffer): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // Never over anything, nor through a link (open(2), O_EXCL).
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(descriptor, program);
    fchmodSync(descriptor, 0o755);
  } catch (error) {
    unlink(path);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Puts the probe program into a jail, for the engine `chroot`, which mounts nothing. What killed
 * verifications left there is removed.
 * @param jail its root directory
 * @returns its path on the host; it is removed when this is disposed of
 * @throws Failure with exit code 7 when it can't be put there
 */
export function placeHelper(helper: string, jail: string): Disposable & { readonly path: string } {
  const path = `${jail}/.jailctl-probe-${process.pid}-${randomBytes(8).toString('hex')}`;
  removeLeftovers(jail);
  try {
    keepingTime(jail, () => write(path, readFileSync(helper)));
  } catch (error) {
    throw new Failure(`can't put the probe program into ${jail}`, {
      exitCode: exitCode.missing,
      hint: 'the engine chroot mounts nothing: take an OCI runtime, which does',
      cause: error,
    });
  }
  return { path, [Symbol.dispose]: () => keepingTime(jail, () => unlink(path)) };
}
