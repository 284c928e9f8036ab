import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import type { Canary } from '../../verify/range.ts';

function stateOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'gone';
  const { ino, mode, uid, gid, nlink, size, mtimeMs } = stat;
  const content = stat.isFile() ? readFileSync(path, 'hex') : '';
  return [ino, mode, uid, gid, nlink, size, mtimeMs, content].join(' ');
}

/** @param directory root's own */
export function makeCanary(
  directory: string,
  { mode = 0o644, owner = 0 }: { readonly mode?: number; readonly owner?: number } = {},
): Canary {
  const name = randomBytes(16).toString('hex');
  const path = `${directory}/canary-${name}`;
  const text = `canary ${randomBytes(16).toString('hex')}`;
  writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  // Owner first: chown(2) takes setuid bits away.
  chownSync(path, owner, owner);
  chmodSync(path, mode);
  const made = stateOf(path);
  return { path, text, isUntouched: () => stateOf(path) === made };
}
