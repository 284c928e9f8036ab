export type FileType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'fifo'
  | 'socket';

/** What lstat(2) tells about a path. */
export interface Stat {
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Whole seconds: utimes(2) from JavaScript can't carry nanoseconds. */
  readonly mtimeSeconds: number;
  readonly mtimeMs: number;
  /** The inode's last change, which no program can set. */
  readonly ctimeMs: number;
  readonly links: number;
  readonly inode: number;
  readonly device: number;
  /** Of a device node; 0 and 0 elsewhere. */
  readonly major: number;
  readonly minor: number;
}

export interface QueryResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The host, read only. It has no verb that writes, so that a plan cannot change anything.
 * Nothing there is `undefined` (ENOENT, ENOTDIR); every other failure throws.
 */
export interface Reader {
  lstat(path: string): Stat | undefined;
  /** Names in a directory, sorted by code unit; undefined where there is no directory. */
  list(path: string): readonly string[] | undefined;
  readLink(path: string): string;
  readText(path: string): string | undefined;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  readBytes(path: string, offset: number, length: number): Uint8Array;
  /** SHA-256 of a regular file's content, in hex. */
  digest(path: string): string;
  /** Do two regular files have the same content? Ten times as fast as their digests are. */
  isSame(path: string, other: string): boolean;
  /**
   * Runs a host tool that only reads (iptables-save, getfattr, du, dpkg-query), found on the fixed
   * PATH, with LC_ALL=C.
   * @throws MissingToolError where the host has no such tool
   */
  query(argv: readonly [string, ...string[]], stdin?: string): QueryResult;
  /** Where a command is on the fixed PATH, symlinks not followed. */
  which(command: string): string | undefined;
}
