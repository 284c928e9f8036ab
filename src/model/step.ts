import type { JailUser } from './settings.ts';

/**
 * Edits to the account files, made in one locked rewrite per file. Lines are whole, without the
 * `\n` that ends them; several entries of one name are joined by `\n`.
 */
export interface AccountEdits {
  /** Entries to write, by name: replaced where the name is there, else appended. */
  readonly passwd: Readonly<Record<string, string>>;
  readonly group: Readonly<Record<string, string>>;
  readonly shadow: Readonly<Record<string, string>>;
  readonly gshadow: Readonly<Record<string, string>>;
  /** Entries to remove, by file and name. */
  readonly remove: {
    readonly passwd: readonly string[];
    readonly group: readonly string[];
    readonly shadow: readonly string[];
    readonly gshadow: readonly string[];
  };
  /**
   * What the plan saw for each name it touches, `null` where it saw none. The executor reads the
   * files again under the lock and refuses when they say something else.
   */
  readonly expected: {
    readonly passwd: Readonly<Record<string, string | null>>;
    readonly group: Readonly<Record<string, string | null>>;
    readonly shadow: Readonly<Record<string, string | null>>;
    readonly gshadow: Readonly<Record<string, string | null>>;
  };
}

/** A new file is made under a name that nobody else uses, then renamed into place. */
export interface Placement {
  readonly path: string;
  /**
   * On the same file system as `path`, in a directory that only root can write to. What an
   * interrupted run left there is replaced.
   */
  readonly temporary: string;
}

/** A character device to be made. */
export interface Device {
  readonly to: Placement;
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
}

/**
 * One thing for the executor to do. Plain data: nothing is left to decide, and it can be written
 * as JSON. The executor never follows a symlink in the last part of a path.
 */
export type Step =
  | {
      readonly op: 'makeDirectory';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly op: 'copyFile';
      readonly from: string;
      readonly to: Placement;
      readonly mode: number;
      /** Of the source when planned: a source that changed since stops the apply. */
      readonly sizeBytes: number;
      readonly mtimeSeconds: number;
      /** No program can set it: it tells this file from every other. */
      readonly ctimeMs: number;
      /**
       * A copy of the same file in another jail. Where no reflink can be made, it becomes the new
       * one by a hard link, if it is root's, with this mode, size and time.
       */
      readonly twin?: string;
    }
  | {
      readonly op: 'writeFile';
      readonly to: Placement;
      readonly base64: string;
      readonly mode: number;
      /** What the plan saw there, for a file that is not jailctl's: another content stops it. */
      readonly expected?: string;
      /** It gets the modification time of the file that it replaces; of none, the epoch. */
      readonly keepsTime?: true;
    }
  | { readonly op: 'makeSymlink'; readonly to: Placement; readonly target: string }
  | { readonly op: 'makeDevices'; readonly devices: readonly Device[] }
  | {
      readonly op: 'setAttributes';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** A jail's seal is the modification time of its marker; the epoch is none. */
  | { readonly op: 'setModifiedTime'; readonly path: string; readonly mtimeMs: number }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'removeFile'; readonly path: string }
  /** A temporary file of a killed run; a step before this one may have replaced it already. */
  | { readonly op: 'removeTemporary'; readonly path: string }
  | { readonly op: 'removeEmptyDirectory'; readonly path: string }
  /** Moves trees into a root-only directory first, so that nobody can turn the removal. */
  | { readonly op: 'removeTrees'; readonly paths: readonly string[]; readonly scratch: string }
  /** A compressed tar of a home, compared with it, in a directory that only root can write to. */
  | {
      readonly op: 'archiveHome';
      readonly path: string;
      readonly directory: string;
      /** What the archive's name begins with; the time follows. */
      readonly name: string;
    }
  | { readonly op: 'editAccounts'; readonly edits: AccountEdits }
  /** Kills every process of these users, until none is left. */
  | { readonly op: 'endProcesses'; readonly uids: readonly number[] }
  /**
   * Makes sshd(8) read its configuration again, if it runs, and waits until it has.
   * `effective` must then hold for the user, as `sshd -T` prints it; else sshd is not told.
   */
  | {
      readonly op: 'reloadSshd';
      readonly user: string;
      readonly effective: readonly string[];
    }
  /** Ends the runs of users that have no account any more, and removes what they have left. */
  | { readonly op: 'endRuns'; readonly users: readonly JailUser[] }
  | {
      readonly op: 'run';
      readonly argv: readonly [string, ...string[]];
      readonly stdin?: string;
      /** For a person, when it fails. */
      readonly hint?: string;
    };
