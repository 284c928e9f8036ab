import {
  type BigIntStats,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { registerDirectory } from '../model/host-paths.ts';
import { walkPath } from '../model/walk-path.ts';
import { isErrno } from './errno.ts';

/** A path of the host that no user of a jail can bend. */
export interface HostPath {
  /** Absolute, and without links as far as it exists. */
  readonly path: string;
  /** To be opened with, besides others: O_NOFOLLOW, or 0 for a descriptor that is open already. */
  readonly flags: number;
}

/** Not the path: a directory that is mounted in two places has two. */
const identityOf = ({ dev, ino }: BigIntStats) => `${dev}:${ino}`;

/** Names of the jails by the identity of their directories. */
function jailsOf(register: string): ReadonlyMap<string, string> {
  const jails = new Map<string, string>();
  let names: readonly string[] = [];
  try {
    names = readdirSync(register);
  } catch (error) {
    // Who is not root can't read it, but can't follow a link to anything of root's either.
    if (!isErrno(error, 'ENOENT', 'EACCES')) throw error;
  }
  for (const name of names) {
    const jail = statSync(`${register}/${name}`, { bigint: true, throwIfNoEntry: false });
    if (jail !== undefined) jails.set(identityOf(jail), name);
  }
  return jails;
}

/** It is missing, or can't be read: whoever opens it will see that. */
function lstatOrNothing(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/**
 * Follows a path of the host link by link, as the kernel would, but never through a jail. There, a
 * tenant may put a link in the way at any moment, and root must neither read nor write where that
 * leads (CWE-59). Outside, no tenant can change anything between this and the opening.
 * @param path a relative one starts at the working directory
 * @param register the directory with a symlink to each jail
 * @throws Failure with exit code 3 when it leads into a jail, or through too many links
 */
export function outsideJails(path: string, register: string = registerDirectory): HostPath {
  const jails = jailsOf(register);
  const refuse = (message: string, hint: string) =>
    new Failure(`${path} ${message}`, { exitCode: exitCode.usage, hint });
  let flags: number = constants.O_NOFOLLOW;
  const from = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
  const walked = walkPath(from, (here, isLast) => {
    // `--batch <(command)`, `--meta /dev/stderr`: its text is no path, and it needs none.
    if (isLast && here.startsWith(`/proc/${process.pid}/fd/`)) {
      flags = 0;
      return undefined;
    }
    const stat = lstatOrNothing(here);
    if (stat === undefined) return undefined;
    const jail = jails.get(identityOf(stat));
    if (jail !== undefined) {
      throw refuse(
        `leads into the jail ${jail} (${here}), whose users could have it lead anywhere`,
        'name a path outside of all jails: `jailctl exec --copy-out` brings a file out of one',
      );
    }
    return stat.isSymbolicLink() ? readlinkSync(here) : '';
  });
  if (walked.tooManyLinks) throw refuse('leads through too many links', 'is it a loop?');
  return { path: walked.path, flags };
}
