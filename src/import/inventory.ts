import type { HostView } from '../desired/closure/host-view.ts';
import { below } from '../model/host-paths.ts';
import type { Reader, Stat } from '../model/reader.ts';

/** One path of a jail that is no directory. */
export interface JailFile {
  /** As the jail has it: `/bin/ls`. */
  readonly path: string;
  /** Where the host has the same path, symlinks followed: `/usr/bin/ls`. Absent: nowhere. */
  readonly host?: string;
  readonly stat: Stat;
}

/** What lies in a jail, its homes and what the kernel or programs put there aside. */
export interface Inventory {
  readonly files: readonly JailFile[];
  /** Directories, and files, that somebody else than root could change. */
  readonly open: readonly string[];
}

/** At the top of a jail: users' files, the kernel's, and what programs leave. */
const notLookedInto = ['home', 'proc', 'sys', 'dev', 'run', 'tmp', '.jailctl'];

function isOpen({ uid, mode, type }: Stat): boolean {
  return type !== 'symlink' && (uid !== 0 || (mode & 0o022) !== 0);
}

/** Walks a jail. Symlinks are not followed. */
export function readInventory(reader: Reader, view: HostView, root: string): Inventory {
  const files: JailFile[] = [];
  const open: string[] = [];
  const pending = (reader.list(root) ?? [])
    .filter((name) => !notLookedInto.includes(name))
    .map((name) => `/${name}`);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stat = reader.lstat(below(root, path));
    if (stat === undefined) continue;
    if (isOpen(stat)) open.push(path);
    if (stat.type === 'directory') {
      for (const name of reader.list(below(root, path)) ?? []) pending.push(`${path}/${name}`);
      continue;
    }
    const resolution = view.resolve(path);
    files.push({ path, stat, ...(resolution.found && { host: resolution.path }) });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, open: open.sort() };
}
