import { closeSync, constants, openSync, readSync } from 'node:fs';

/** A path may have become a symlink or a FIFO since it was looked at: neither may turn or stop us. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Files are read in blocks of this size, all through the same ones. */
const blockBytes = 1 << 20;
const blocks: Buffer[] = [];

function block(index: 0 | 1): Buffer {
  blocks[index] ??= Buffer.allocUnsafe(blockBytes);
  return blocks[index];
}

/** @returns what is read next, in a block that the next call uses again; empty at the end */
function next(descriptor: number, index: 0 | 1): Buffer {
  const into = block(index);
  return into.subarray(0, readSync(descriptor, into, 0, into.length, null));
}

/** SHA-256 of a regular file, in hex. */
export function digestFile(path: string): string {
  // To import it takes as long as all the rest, and not every command hashes.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const descriptor = openSync(path, readFlags);
  try {
    const hash = createHash('sha256');
    for (;;) {
      const bytes = next(descriptor, 0);
      if (bytes.length === 0) return hash.digest('hex');
      hash.update(bytes);
    }
  } finally {
    closeSync(descriptor);
  }
}

function areSame(descriptor: number, other: number): boolean {
  for (;;) {
    const [bytes, others] = [next(descriptor, 0), next(other, 1)];
    if (!bytes.equals(others)) return false;
    if (bytes.length === 0) return true;
  }
}

/** Compares two regular files byte by byte. */
export function haveSameContent(path: string, other: string): boolean {
  const descriptor = openSync(path, readFlags);
  try {
    const otherDescriptor = openSync(other, readFlags);
    try {
      return areSame(descriptor, otherDescriptor);
    } finally {
      closeSync(otherDescriptor);
    }
  } finally {
    closeSync(descriptor);
  }
}
