/** Where the content of a file in a jail comes from. */
export type FileSource =
  /** Copied from this path of the host, a regular file with no symlink on the way. */
  | {
      readonly from: 'host';
      readonly path: string;
      readonly mtimeSeconds: number;
      /** Not compared: it tells whether the content must be. */
      readonly ctimeMs: number;
      /** The same file in another jail, by its path on the host: only ever in a change. */
      readonly twin?: string;
    }
  /** Made by jailctl: the jail's own `/etc`. */
  | { readonly from: 'jailctl'; readonly base64: string };

/**
 * One path that a jail has. All of them belong to root:root, but homes. Modes hold permission bits
 * only: no setuid, setgid or sticky bit, and no write bit for group or others.
 */
export type TreeEntry =
  | { readonly type: 'directory'; readonly mode: number }
  | {
      readonly type: 'file';
      readonly mode: number;
      readonly sizeBytes: number;
      readonly source: FileSource;
    }
  | { readonly type: 'symlink'; readonly target: string }
  | {
      readonly type: 'device';
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    }
  /** A directory whose content is its user's: it is made, and never looked into. */
  | { readonly type: 'home'; readonly mode: number; readonly uid: number; readonly gid: number };
