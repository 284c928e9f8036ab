import { closeSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { bundleConfigFile, leaseFile } from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import { endProcesses } from '../processes.ts';
import { openCgroups } from './cgroups.ts';
import type { LeaseMeans } from './janitor-process.ts';
import { requireNative } from './native-programs.ts';
import { holderOf, lockUser } from './user-lock.ts';

/** A jailctl whose program was killed needs a moment to clean up; after this it seems to be stuck. */
const patienceMs = 10_000;
/** How long we wait for one that holds a user and runs nothing. */
const idlePatienceMs = 1000;
const pollMs = 20;

async function endRunsOf(user: JailUser, means: LeaseMeans): Promise<void> {
  const startedMs = performance.now();
  while (existsSync(leaseFile(user.name))) {
    const locked = await lockUser(user, means, undefined);
    if (locked !== undefined) {
      await locked.janitor.cleanUp().finally(() => closeSync(locked.lock));
      continue;
    }
    const waitedMs = performance.now() - startedMs;
    if (!existsSync(bundleConfigFile(user.name))) {
      // It can start nothing any more, as the user has no account, and will go by itself.
      if (waitedMs > idlePatienceMs) return;
    } else if (waitedMs > patienceMs) {
      throw new Failure(`a run does not end: ${holderOf(user.name)}`, {
        exitCode: exitCode.locked,
        hint: 'is that jailctl stopped? End it, then run the command again',
      });
    } else {
      await endProcesses(means.sweepPath, [user.uid]);
    }
    await delay(pollMs);
  }
}

/**
 * Ends whatever runs as one of these users, whose accounts are gone, and removes what it leaves; also
 * what a run left of which both jailctl and its janitor were killed. Afterwards no run of theirs can
 * begin: each makes its bundle, and then looks for the account.
 * @param packageRoot where jailctl itself is installed
 * @throws Failure with exit code 5 when a jailctl does not let its run go
 */
export async function endRuns(users: readonly JailUser[], packageRoot: string): Promise<void> {
  const leased = users.filter((user) => existsSync(leaseFile(user.name)));
  if (leased.length === 0) return;
  const means = {
    cgroups: openCgroups(),
    sweepPath: requireNative(packageRoot, 'jailctl-sweep'),
  };
  await Promise.all(leased.map((user) => endRunsOf(user, means)));
}
