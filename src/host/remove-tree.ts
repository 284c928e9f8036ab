import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * Removes a directory tree that tenants could write to. It is moved into a directory that only
 * root can enter first: from then on no path leads a tenant into it. coreutils `rm` then walks by
 * descriptor, and stays on one file system so that mounted data survives (bastille#662).
 */
export async function removeTree(path: string, scratch: string): Promise<void> {
  const doomed = join(scratch, 'old');
  if (path !== doomed) {
    await remove(doomed);
    renameSync(path, doomed);
  }
  await remove(doomed);
}

async function remove(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  await runTool(['rm', '--recursive', '--force', '--one-file-system', '--', path]);
}
