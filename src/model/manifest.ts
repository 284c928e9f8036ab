import type { Location } from './diagnostic.ts';
import type { EngineName, HomeMode, Limits, LoginMode, Network } from './settings.ts';
import type { UidRange } from './uid-range.ts';

/** One line of a requirement file or one item of `tools`: what to take, and where it was asked for. */
export interface ToolRequest {
  /** `ls`, `/usr/bin/env`, `/usr/lib/python3.*`, `package:NAME`, `jailkit:SECTION`. */
  readonly entry: string;
  /** From a leading `?`: no error when the host does not have it. */
  readonly optional: boolean;
  /**
   * From a leading `!`: what matches is not taken from directories, globs, packages and sections.
   * Whoever names a file itself gets it all the same.
   */
  readonly leaveOut: boolean;
  readonly at: Location;
}

/** One jail of a manifest, with the defaults merged in. */
export interface ManifestJail {
  readonly name: string;
  readonly path: string;
  readonly users: number;
  readonly tools: readonly ToolRequest[];
  readonly network: Network;
  readonly limits: Limits;
  /** Absent: the best that the host has. */
  readonly engine?: EngineName;
  readonly home: HomeMode;
  /** Names of layers and limits that a run may lack, sorted. */
  readonly optional: readonly string[];
  readonly login: LoginMode;
  /** Absent where nobody logs in. */
  readonly authorizedKeys?: readonly string[];
  /** Where `login` stands: what logins need is asked for there. Absent where nobody logs in. */
  readonly loginAt?: Location;
  readonly env: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /** Absent: homes are deleted without a copy. */
  readonly archive?: string;
  /** Where the jail's name stands, for diagnostics about the host. */
  readonly at: Location;
}

/** A whole manifest that passed every check that needs no look at the host. */
export interface Manifest {
  /** The file's name as the user gave it. */
  readonly file: string;
  /** Where jails live unless they say `path`. */
  readonly root: string;
  readonly rootAt: Location;
  /** UIDs for jail users, inclusive. */
  readonly uids: UidRange;
  readonly uidsAt: Location;
  /** Sorted by name: the order in the file means nothing. */
  readonly jails: readonly ManifestJail[];
}
