import type { EngineName, HomeMode, JailSettings, JailUser, Limits } from '../model/settings.ts';

/** One file that is copied into a run, or out of it. */
export interface FileCopy {
  /** Into a run: an absolute path of the host. Out of it: a path in the jail. */
  readonly from: string;
  /** Into a run: a path in the jail, as the program sees it. Out of it: an absolute path of the host. */
  readonly to: string;
}

/** In characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** One program to run, with nothing left to choose. */
export interface RunSpec {
  readonly jail: JailSettings;
  readonly user: JailUser;
  readonly engine: EngineName;
  /** The command and its arguments; the command is looked up on the PATH of `env`, in the jail. */
  readonly argv: readonly [string, ...string[]];
  /**
   * A static program that is run in place of `argv[0]`: its path on the host, from where it is
   * mounted read-only for this run. The engine `chroot` mounts nothing: there it lies in the jail.
   */
  readonly helper?: string;
  /** The jail is not jailctl's: nothing in it is put right before the run. */
  readonly isForeign?: true;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, inside the jail. */
  readonly workingDirectory: string;
  readonly limits: Limits;
  /** `fresh`: an empty home in memory, limited to `diskBytes` or else to the size of /tmp. */
  readonly home: HomeMode;
  /** Of the terminal that the program gets; absent: it gets none. */
  readonly terminal?: TerminalSize;
  /** Before the program starts, in this order. */
  readonly copyIn: readonly FileCopy[];
  /** After it has ended. */
  readonly copyOut: readonly FileCopy[];
}
