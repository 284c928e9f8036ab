import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { JailUser } from '../../model/settings.ts';
import { runTool } from '../tool.ts';

const homeOf = (tree: string, name: string) => `${tree}/home/${name}`;

/**
 * Shuts a home before a run: an earlier run may have opened it to others for good. With group bits
 * of 0, an ACL gives nobody anything either (acl(5), the mask). The directory above is root's, so
 * the path can't be turned.
 * @throws Failure with exit code 125 when it is not the user's own directory
 */
export function shutHome(tree: string, { name, uid }: JailUser): void {
  const home = homeOf(tree, name);
  const stat = lstatSync(home, { throwIfNoEntry: false });
  if (stat?.isDirectory() && stat.uid === uid) {
    if ((stat.mode & 0o7777) !== 0o700) chmodSync(home, 0o700);
    return;
  }
  throw new Failure(`${home} is not a directory of ${name}'s own`, {
    exitCode: exitCode.sandbox,
    hint: 'jailctl apply mends it',
  });
}

/**
 * Removes everything in a user's home. find(1) walks and removes by descriptor, follows no link, and
 * stays on one file system: nothing that is planted in the home leads it out (openat(2),
 * unlinkat(2)). Then a new directory takes the place of the empty one: so its mode, its ACL and
 * whoever holds a descriptor of it are gone as well.
 */
export async function emptyHome(tree: string, { name, uid }: JailUser): Promise<void> {
  const home = homeOf(tree, name);
  await runTool(['find', home, '-xdev', '-mindepth', '1', '-delete']);
  // The directory above is root's: nobody else can be there first.
  const fresh = `${tree}/home/.jailctl-${name}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  chownSync(fresh, uid, uid);
  renameSync(fresh, home);
}
