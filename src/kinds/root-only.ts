import { octal } from '../model/numbers.ts';
import type { Reader } from '../model/reader.ts';
import type { Step } from '../model/step.ts';

const rootOnly = { mode: 0o700, uid: 0, gid: 0 } as const;

/** A directory of jailctl's own that is not closed to everybody but root, or not there. */
export interface DirectoryFault {
  readonly path: string;
  readonly found: 'nothing' | 'directory' | 'other';
  /** Extended attributes that grant something: an ACL opens what the mode seems to close. */
  readonly xattrs: readonly string[];
  /** For a person: `/web/.jailctl has mode 0777, wanted 0700`. */
  readonly reason: string;
}

/**
 * What is wrong with a directory that only root may enter; undefined when nothing is.
 * @param xattrs the extended attributes that it has, of those that grant something
 */
export function directoryFault(
  reader: Reader,
  path: string,
  xattrs: readonly string[] = [],
): DirectoryFault | undefined {
  const stat = reader.lstat(path);
  const fault = (found: DirectoryFault['found'], what: string) => ({
    path,
    found,
    xattrs,
    reason: `${path} ${what}`,
  });
  if (stat === undefined) return fault('nothing', 'is missing');
  if (stat.type !== 'directory') return fault('other', `is a ${stat.type}, wanted a directory`);
  const mode = octal(stat.mode);
  if (stat.mode !== rootOnly.mode) return fault('directory', `has mode ${mode}, wanted 0700`);
  if (stat.uid !== 0 || stat.gid !== 0) {
    return fault('directory', `belongs to ${stat.uid}:${stat.gid}, wanted 0:0`);
  }
  return xattrs.length > 0 ? fault('directory', `has ${xattrs.join(' and ')}`) : undefined;
}

/** Makes a directory that only root may enter. */
export function makeRootOnly(path: string): Step {
  return { op: 'makeDirectory', path, ...rootOnly };
}

/** Takes extended attributes away. */
export function removeXattrs(path: string, names: readonly string[]): readonly Step[] {
  return names.map((name) => ({
    op: 'run',
    argv: ['setfattr', '--no-dereference', `--remove=${name}`, '--', path],
  }));
}

/** Makes such a directory right; what it holds stays. */
export function mendRootOnly({ path, found, xattrs }: DirectoryFault): readonly Step[] {
  if (found === 'nothing') return [makeRootOnly(path)];
  if (found === 'other') return [{ op: 'removeFile', path }, makeRootOnly(path)];
  return [...removeXattrs(path, xattrs), { op: 'setAttributes', path, ...rootOnly }];
}
