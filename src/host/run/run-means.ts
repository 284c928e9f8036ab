import type { Cgroups } from './cgroups.ts';
import type { Engine } from './engine.ts';
import type { Lease } from './lease.ts';

/** With what a program is run. */
export interface RunMeans {
  readonly engine: Engine;
  readonly cgroups: Cgroups;
  /** Of the user that `spec` names. */
  readonly lease: Lease;
  /** Of jailctl-launch. */
  readonly launchPath: string;
  /** Of jailctl-sweep. */
  readonly sweepPath: string;
}
