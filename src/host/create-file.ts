import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { makeDirectories } from './make-directories.ts';
import { outsideJails } from './tenant-path.ts';

const { O_WRONLY, O_CREAT, O_TRUNC } = constants;

function unwritable(path: string, cause: unknown): Failure {
  return new Failure(`${path} can't be written`, { exitCode: exitCode.usage, cause });
}

/**
 * Opens a text file for writing, over an existing one too: before the work whose result goes there.
 * @returns writes the text, and closes the file
 * @throws Failure with exit code 3 when it can't be opened, or written, or leads into a jail
 */
export function openReport(path: string): (text: string) => void {
  const outside = outsideJails(path);
  try {
    const descriptor = openSync(outside.path, O_WRONLY | O_CREAT | O_TRUNC | outside.flags);
    return (text) => {
      try {
        writeFileSync(descriptor, text);
      } catch (error) {
        throw unwritable(path, error);
      } finally {
        closeSync(descriptor);
      }
    };
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Writes a new text file and the directories that lead to it; never over an existing one.
 * @throws Failure with exit code 3 when it leads into a jail
 */
export function createFile(path: string, text: string): void {
  const directory = outsideJails(dirname(path)).path;
  makeDirectories(directory, 0o777);
  writeFileSync(join(directory, basename(path)), text, { flag: 'wx' });
}
