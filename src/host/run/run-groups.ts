import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import { runGroup, runsGroup } from '../../model/host-paths.ts';
import { monotonicMs } from '../../model/monotonic.ts';
import { isErrno } from '../errno.ts';
import { handOn, killGroup, makeGroup, removeGroup, removeGroups } from './cgroup-files.ts';
import type { Cgroups } from './cgroups.ts';

/** A process in uninterruptible sleep dies only when its I/O ends; this is how long it may take. */
const removalMsMax = 10_000;
const pollMs = 2;
/** How often a group may vanish between two calls, because another run removes the empty one. */
const triesMax = 100;

/**
 * Ends and removes what a run of that user left, in every hierarchy.
 * @throws Failure when a process does not end within 10 s
 */
export async function removeRunGroups(cgroups: Cgroups, user: string): Promise<void> {
  const deadline = monotonicMs() + removalMsMax;
  for (const { mountPoint } of cgroups.hierarchies) {
    const directory = `${mountPoint}/${runGroup(user)}`;
    if (!existsSync(directory)) continue;
    while (!removeGroups(directory)) {
      if (monotonicMs() > deadline) {
        throw new Failure(`processes in ${directory} do not end`, {
          hint: `look at them: cat ${directory}/cgroup.procs ${directory}/*/cgroup.procs`,
        });
      }
      killGroup(directory);
      await delay(pollMs);
    }
    // Unless there are other runs.
    removeGroup(`${mountPoint}/${runsGroup}`);
  }
}

/**
 * Makes the groups of a user's run, and lets them have controllers.
 *
 * Another run that ends removes the group of all runs while it is empty: then it is made again.
 */
export function makeRunGroups({ hierarchies, places }: Cgroups, user: string): void {
  for (let tries = 1; ; tries++) {
    try {
      for (const hierarchy of hierarchies) {
        const group = `${hierarchy.mountPoint}/${runsGroup}`;
        const wanted = [...places].flatMap(([controller, { version }]) =>
          version === 2 && hierarchy.version === 2 && controller !== 'cpuacct' ? [controller] : [],
        );
        makeGroup(group, hierarchy);
        if (wanted.length > 0) handOn(group, wanted);
        makeGroup(`${group}/${user}`, hierarchy);
        const counted = wanted.filter((one) => one !== 'cpu');
        if (counted.length > 0) handOn(`${group}/${user}`, counted);
      }
      return;
    } catch (error) {
      if (tries === triesMax || !isErrno(error, 'ENOENT', 'ENODEV')) throw error;
    }
  }
}
