import type { EngineName, JailUser, Network } from './settings.ts';

/** What has a jail user now. */
export interface HeldLease {
  /**
   * `running`: a program runs. `idle`: kept for the next run, or just between two. `orphaned`: who
   * had it was killed; what is left of that goes before the next run of the user.
   */
  readonly state: 'running' | 'idle' | 'orphaned';
  readonly pid: number;
  readonly sinceMs: number;
}

/** How much a plan would change. */
export interface DriftCount {
  readonly changes: number;
  readonly conflicts: number;
}

/**
 * `applied`: there, with its settings. `damaged`: its marker is missing or can't be read. `unmarked`:
 * what is at its path has no mark of jailctl. `gone`: nothing is there. `unregistered`: only accounts
 * are left. `missing`: the manifest has it, and the host does not.
 */
export type JailCondition =
  | 'applied'
  | 'damaged'
  | 'unmarked'
  | 'gone'
  | 'unregistered'
  | 'missing';

/** One jail of a host. What nobody can know is absent. */
export interface JailStatus {
  readonly name: string;
  readonly condition: JailCondition;
  readonly path?: string;
  readonly users: readonly (JailUser & {
    readonly hasAccount: boolean;
    readonly lease?: HeldLease;
  })[];
  /** Disk space; absent where there is nothing to measure, or it took too long. */
  readonly bytes?: number;
  readonly network?: Network['mode'];
  /** `auto`: the best that the host has. */
  readonly engine?: EngineName | 'auto';
  readonly protect?: boolean;
  /** Absent: nothing was compared. */
  readonly drift?: DriftCount;
}

/** The jails of a host, by name. */
export interface HostStatus {
  /** The manifest that they were compared with. */
  readonly manifest?: string;
  /** Of a whole plan: with what all jails share. */
  readonly drift?: DriftCount;
  /** Are the packet rules loaded? Absent: there are no jails, or nobody can tell. */
  readonly fenced?: boolean;
  readonly jails: readonly JailStatus[];
  readonly warnings: readonly string[];
}
