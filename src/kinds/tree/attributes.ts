import type { Reader, Stat } from '../../model/reader.ts';
import { readXattrs } from '../xattrs.ts';
import { sharedInode } from './shared-inode.ts';

/** A path on the host, with what lstat(2) says of it. */
export interface Looked {
  readonly path: string;
  readonly stat: Stat;
}

/**
 * Reads extended attributes, for one observation. Jails share files, and what shares an inode is asked
 * for once; the next observation reads anew.
 */
export class Attributes {
  private readonly known = new Map<string, readonly string[]>();
  private readonly reader: Reader;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /** @returns for each path the names of its attributes that matter */
  of(looked: readonly Looked[]): readonly (readonly string[])[] {
    const keyed = looked.map(({ path, stat }) => ({ path, key: sharedInode(stat) ?? path }));
    const unknown = keyed.filter(({ key }) => !this.known.has(key));
    const asked = new Map(unknown.map(({ key, path }) => [key, path]));
    const found = readXattrs(this.reader, [...asked.values()]);
    for (const [key, path] of asked) this.known.set(key, found.get(path) ?? []);
    return keyed.map(({ key }) => this.known.get(key) ?? []);
  }
}
