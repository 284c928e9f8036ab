import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { bundlesDirectory, leasesDirectory, runsDirectory } from '../../model/host-paths.ts';
import { isErrno } from '../errno.ts';

/** How often directories may vanish under our hands, because other runs end. */
const triesMax = 1000;

function requireOwn(path: string): void {
  const stat = lstatSync(path);
  if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o7777) === 0o700) return;
  throw new Failure(`${path} is not a directory of root's own with mode 0700`, {
    exitCode: exitCode.sandbox,
    hint: `look who made it, then remove it: rm -r ${path}`,
  });
}

/**
 * Makes something below the directory of runs. That goes with the last run, and may do so at any
 * moment: then it is made again.
 * @param make makes the file or directory, by which what leads to it stays; what it throws when that
 *   is gone, ENOENT, is no failure
 * @throws Failure when somebody else has made the directory of runs, or opened it to others
 */
export function makeInRuns<T>(make: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      for (const path of [leasesDirectory, bundlesDirectory]) {
        mkdirSync(path, { recursive: true, mode: 0o700 });
      }
      // Only root can change what is in it.
      requireOwn(runsDirectory);
      return make();
    } catch (error) {
      if (tries === triesMax || !isErrno(error, 'ENOENT')) throw error;
    }
  }
}

/** Removes the directories of runs, unless there are other ones. */
export function removeRunsDirectory(): void {
  for (const path of [leasesDirectory, bundlesDirectory, runsDirectory]) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (!isErrno(error, 'ENOTEMPTY', 'ENOENT')) throw error;
    }
  }
}
