import type { Stat } from '../../model/reader.ts';

/**
 * Names an inode that may have several names on the host; undefined for one that has not.
 * On an overlay inode numbers may have 64 bits, of which a JavaScript number has 53.
 */
export function sharedInode({ links, type, device, inode }: Stat): string | undefined {
  const isShared = type === 'file' && links > 1 && Number.isSafeInteger(inode);
  return isShared ? `${device} ${inode}` : undefined;
}
