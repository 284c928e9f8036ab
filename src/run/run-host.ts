import type { Readable, Writable } from 'node:stream';
import type { EngineName, JailSettings, JailUser } from '../model/settings.ts';
import type { BundleHost } from './bundle.ts';
import type { EnforcementHost } from './layers.ts';
import type { OciConfig } from './oci.ts';
import type { Measurement } from './run-result.ts';
import type { RunSpec } from './run-spec.ts';

/** Where the streams of a run come from and go to. `terminal`: the terminal of this process. */
export type RunStreams =
  | 'terminal'
  | {
      /** Absent: the program's standard input is empty. */
      readonly stdin?: Readable;
      readonly stdout: Writable;
      readonly stderr: Writable;
    };

/** The right to run programs as one user of a jail, one at a time. It ends with this process. */
export interface LeasedUser extends AsyncDisposable {
  readonly user: JailUser;
  /**
   * Runs one program to its end, or to its limits. Nothing of it is left afterwards.
   * @param config of the bundle; absent for the engine `chroot`
   * @param signal ends the run when it is aborted
   * @throws Failure with exit code 125 when its limits can't be set
   */
  run(
    spec: RunSpec,
    config: OciConfig | undefined,
    streams: RunStreams,
    signal: AbortSignal,
  ): Promise<Measurement>;
  /** Removes everything in the user's home. Only between runs. */
  emptyHome(jail: JailSettings): Promise<void>;
}

/** What runs programs: the host, as far as runs need it. Found out once for many runs. */
export interface RunHost {
  readonly engine: EngineName;
  /** Absolute path of the engine's program. */
  readonly enginePath: string;
  readonly enforcement: EnforcementHost;
  /** What a bundle depends on; absent for the engine `chroot`, which has none. */
  readonly bundleHost: BundleHost | undefined;
  /**
   * Leases one of these users, the first that is free.
   * @param wait until one is free, or the signal is aborted; absent: one must be free now
   * @throws Failure with exit code 5 when none is free, 130 when aborted
   */
  lease(users: readonly JailUser[], wait: AbortSignal | undefined): Promise<LeasedUser>;
}
