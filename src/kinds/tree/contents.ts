import type { Reader, Stat } from '../../model/reader.ts';
import { sharedInode } from './shared-inode.ts';

/**
 * Compares copies with their sources, for one observation. Jails share files, and what shares an inode
 * is read once; the next observation reads anew.
 */
export class Contents {
  private readonly known = new Map<string, boolean>();
  private readonly reader: Reader;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /**
   * Has a copy the content of its source?
   * @param stat of the copy, which may be one name of several
   */
  isSame(copy: string, stat: Stat, source: string): boolean {
    const key = JSON.stringify([sharedInode(stat) ?? copy, source]);
    const same = this.known.get(key) ?? this.reader.isSame(copy, source);
    this.known.set(key, same);
    return same;
  }
}
