import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isErrno } from './errno.ts';

/**
 * Makes a directory and those that lead to it. Not by Node's own recursive mkdir: on a file system
 * that is read-only or broken, that says ENOENT.
 * @param mode of all that it makes
 * @throws Error of the system call; what is there already, of whatever type, is none
 */
export function makeDirectories(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error;
    makeDirectories(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
