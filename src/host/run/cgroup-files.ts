import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import type { Hierarchy } from '../cgroup-layout.ts';
import { isErrno } from '../errno.ts';
import { kill } from '../kill.ts';

/** The words of a file: `cpu memory pids`. */
export function words(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean);
}

/**
 * Lets the children of a group of version 2 have controllers.
 * @throws the error of write(2)
 */
export function handOn(group: string, wanted: readonly string[]): void {
  const file = `${group}/cgroup.subtree_control`;
  const enabled = words(file);
  const missing = wanted.filter((one) => !enabled.includes(one));
  if (missing.length > 0) writeFileSync(file, missing.map((one) => `+${one}`).join(' '));
}

/** @returns undefined where there is no such file */
export function readNumber(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A number of a file with lines `name number`. */
export function readEntry(path: string, name: string): number | undefined {
  try {
    const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(path, 'utf8'));
    return match === null ? undefined : Number(match[1]);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A group and those below it, the deepest first; nothing where there is none. */
export function groupsBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  try {
    const below = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => groupsBelow(`${directory}/${entry.name}`));
    return [...below, directory];
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

/** The PIDs of those in this very group; none where it is gone. */
export function processesIn(directory: string): number[] {
  try {
    return (
      readFileSync(`${directory}/cgroup.procs`, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(Number)
        // 0 stands for a process that our PID namespace does not show; kill(0) would be ourselves.
        .filter((pid) => pid > 0)
    );
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

/** Makes a group, where there is none, in which processes can run. */
export function makeGroup(directory: string, { controllers }: Hierarchy): void {
  const isNew = !existsSync(directory);
  if (isNew) mkdirSync(directory, { recursive: true });
  // In a new cpuset of version 1 nothing can run before it has processors and memory nodes
  // (cpuset(7)). Whoever made it may not have come that far.
  if (controllers.includes('cpuset')) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const path = `${directory}/${file}`;
      if (!isNew && readFileSync(path, 'utf8').trim() !== '') continue;
      writeFileSync(path, readFileSync(`${directory}/../${file}`));
    }
  }
  // Before Linux 5.11, limits of version 1 held for the group alone and not for those below it.
  if (!controllers.includes('memory')) return;
  const nested = `${directory}/memory.use_hierarchy`;
  if (readNumber(nested) === 0) writeFileSync(nested, '1');
}

/** @returns false when a group can't be removed because of what is in it */
export function removeGroup(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if (isErrno(error, 'EBUSY', 'ENOTEMPTY')) return false;
    if (isErrno(error, 'ENOENT')) return true;
    throw error;
  }
}

/**
 * Removes a group and those below it.
 * @returns false when one could not be removed because of what is in it
 */
export function removeGroups(directory: string): boolean {
  return removeGroup(directory) || groupsBelow(directory).every(removeGroup);
}

/** A killed process leaves its group a moment later, so this is repeated until all are gone. */
export function killGroup(directory: string): void {
  const killFile = `${directory}/cgroup.kill`;
  // All at once, which a fork bomb can't outrun (version 2, since Linux 5.14).
  if (existsSync(killFile)) {
    writeFileSync(killFile, '1');
    return;
  }
  for (const pid of groupsBelow(directory).flatMap(processesIn)) kill(pid);
}
