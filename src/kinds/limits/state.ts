import type { DirectoryFault } from '../root-only.ts';
import type { PoolRecord } from './pool-file.ts';

/** jailctl's state directory, and the UID that the next jail user gets. */
export interface Pool {
  readonly type: 'pool';
  /** Which of the directories are there, in the order in which they are made. */
  readonly directories: readonly string[];
  /** What is wrong with them; absent where nothing was looked at. */
  readonly faults?: readonly DirectoryFault[];
  /** Temporary files that an interrupted run left. */
  readonly leftovers: readonly string[];
  /** Absent: there is no pool file, or none that can be read. */
  readonly record?: PoolRecord;
}

/** The file that pam_limits(8) reads for logins of jail users. */
export interface LoginLimits {
  readonly type: 'logins';
  readonly text: string;
}

export type HostLimits = Pool | LoginLimits;
