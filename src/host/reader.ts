import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { Failure, SignalledToolError } from '../model/failure.ts';
import type { FileType, QueryResult, Reader, Stat } from '../model/reader.ts';
import { digestFile, haveSameContent, readFlags } from './content.ts';
import { isErrno } from './errno.ts';
import { findCommand, requireCommand, toolEnvironment } from './path.ts';

const typeByFormat: Readonly<Record<number, FileType>> = {
  [constants.S_IFREG]: 'file',
  [constants.S_IFDIR]: 'directory',
  [constants.S_IFLNK]: 'symlink',
  [constants.S_IFCHR]: 'character-device',
  [constants.S_IFBLK]: 'block-device',
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFSOCK]: 'socket',
};

/** What a tool may print: 100 jails with 100 users each make a few megabytes of rules at worst. */
const queryOutputBytesMax = 256 << 20;

/** `undefined` for what is not there; any other failure says which path and why. */
function orAbsent<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new Failure(`can't read ${path}`, { cause: error });
  }
}

function present<T>(path: string, value: T | undefined): T {
  if (value === undefined) throw new Failure(`${path} vanished while it was read`);
  return value;
}

/** Splits a dev_t as gnu_dev_major(3) and gnu_dev_minor(3) do. */
function deviceNumbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}

function toStat(stats: Stats): Stat {
  return {
    type: typeByFormat[stats.mode & constants.S_IFMT] ?? 'file',
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    sizeBytes: stats.size,
    mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    links: stats.nlink,
    inode: stats.ino,
    device: stats.dev,
    ...deviceNumbers(stats.rdev),
  };
}

function readPart(path: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(path, readFlags);
  try {
    const block = Buffer.alloc(length);
    return block.subarray(0, readSync(descriptor, block, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}

/** Account files of a million users are smaller. */
const textBytesMax = 256 << 20;

/** Symlinks are followed here: a manifest may be one. A FIFO or a device might never end. */
function readWhole(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Failure(`${path} is not a regular file`);
    if (stats.size > textBytesMax) throw new Failure(`${path} has ${stats.size} bytes, too many`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function query(argv: readonly [string, ...string[]], stdin?: string): QueryResult {
  // To import it takes as long as all the rest, and not every command runs something.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const [command, ...args] = argv;
  const { status, signal, stdout, stderr, error } = spawnSync(requireCommand(command), args, {
    env: toolEnvironment,
    encoding: 'utf8',
    maxBuffer: queryOutputBytesMax,
    input: stdin ?? '',
  });
  if (status === null) {
    const message = `${argv.join(' ')} did not end by itself`;
    if (error !== undefined) throw new Failure(message, { cause: error });
    throw new SignalledToolError(message, { cause: new Error(`${signal} ended it`) });
  }
  return { status, stdout, stderr };
}

/** The real host. */
export const hostReader: Reader = {
  lstat: (path) => {
    const stats = orAbsent(path, () => lstatSync(path, { throwIfNoEntry: false }));
    return stats && toStat(stats);
  },
  list: (path) => orAbsent(path, () => readdirSync(path).sort()),
  readLink: (path) =>
    present(
      path,
      orAbsent(path, () => readlinkSync(path)),
    ),
  readText: (path) => orAbsent(path, () => readWhole(path)),
  readBytes: (path, offset, length) =>
    present(
      path,
      orAbsent(path, () => readPart(path, offset, length)),
    ),
  digest: (path) =>
    present(
      path,
      orAbsent(path, () => digestFile(path)),
    ),
  isSame: (path, other) =>
    present(
      `${path} or ${other}`,
      orAbsent(`${path} or ${other}`, () => haveSameContent(path, other)),
    ),
  query,
  which: findCommand,
};
