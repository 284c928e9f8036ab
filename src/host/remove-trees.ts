import { lstatSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * Removes directory trees that tenants could write to. They are moved into a directory that only
 * root can enter first: from then on no path leads a tenant into them. coreutils `rm` then walks
 * by descriptor, and stays on one file system so that mounted data survives (bastille#662).
 * @param scratch on the same file system; what an interrupted removal left there goes too
 */
export async function removeTrees(paths: readonly string[], scratch: string): Promise<void> {
  const doomed = join(scratch, 'old');
  await remove(doomed);
  if (paths.length === 0) return;
  mkdirSync(doomed, 0o700);
  for (const [number, path] of paths.entries()) renameSync(path, join(doomed, String(number)));
  await remove(doomed);
}

async function remove(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  await runTool(['rm', '--recursive', '--force', '--one-file-system', '--', path]);
}
