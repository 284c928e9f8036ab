import type { Reader, Stat } from '../../model/reader.ts';

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
    // On an overlay inode numbers may have 64 bits, of which a JavaScript number has 53.
    const isShared = stat.links > 1 && Number.isSafeInteger(stat.inode);
    const key = JSON.stringify([isShared ? [stat.device, stat.inode] : copy, source]);
    const same = this.known.get(key) ?? this.reader.isSame(copy, source);
    this.known.set(key, same);
    return same;
  }
}
