import type { JailSettings, JailUser, Limits } from '../model/settings.ts';

/** What starts a program in a jail: an OCI runtime, or plain chroot(1) on a host without one. */
export const engineNames = ['crun', 'runc', 'runsc', 'chroot'] as const;
export type EngineName = (typeof engineNames)[number];

/** The limits of one run. */
export interface RunLimits extends Limits {
  /** Processors' worth of CPU time per second: 0.5, 2. Absent: as many as the host has. */
  readonly cpus?: number;
  /** Of the private /tmp, and of the private /dev/shm. */
  readonly tmpSizeBytes: number;
  /** Of the home. Absent: not limited. */
  readonly diskBytes?: number;
}

/** One program to run, with nothing left to choose. */
export interface RunSpec {
  /** Unique among the runs of this host at this time: names the bundle, the container, the cgroup. */
  readonly id: string;
  readonly jail: JailSettings;
  readonly user: JailUser;
  readonly engine: EngineName;
  /** The command and its arguments; the command is looked up on the PATH of `env`, in the jail. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, inside the jail. */
  readonly workingDirectory: string;
  readonly limits: RunLimits;
  /** `fresh`: an empty home in memory, limited to `diskBytes` or else to the size of /tmp. */
  readonly home: 'keep' | 'fresh';
  /** Gets the program a terminal of its own? */
  readonly terminal: boolean;
}
