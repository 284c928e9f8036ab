/** What a packet of a jail user meets: let through, or answered with an error, or lost. */
export type Refusal = 'reject' | 'drop';

/** One destination that a jail may reach. */
export interface AllowedTarget {
  readonly family: 'ipv4' | 'ipv6';
  /** A network in the form that iptables-save prints: `10.0.0.5/32`, `fd00::/8`. */
  readonly to: string;
  /** `any` has no ports. */
  readonly protocol: 'tcp' | 'udp' | 'any';
  /** Inclusive; absent: every port. */
  readonly ports?: { readonly first: number; readonly last: number };
}

export type Network =
  | { readonly mode: 'host' }
  | { readonly mode: 'none'; readonly refusal: Refusal }
  | {
      readonly mode: 'allow';
      readonly refusal: Refusal;
      readonly targets: readonly AllowedTarget[];
    };

/** What starts a program in a jail: an OCI runtime, or plain chroot(1) on a host without one. */
export const engineNames = ['crun', 'runc', 'runsc', 'chroot'] as const;
export type EngineName = (typeof engineNames)[number];

/** `keep`: files in a home outlive a run. `fresh`: each run has an empty home in memory. */
export const homeModes = ['keep', 'fresh'] as const;
export type HomeMode = (typeof homeModes)[number];

/** `chroot`: by SSH and jk_chrootsh(8), with the keys that the manifest has. */
export const loginModes = ['none', 'chroot'] as const;
export type LoginMode = (typeof loginModes)[number];

/** Limits of one run, or of one login. */
export interface Limits {
  /** Processes and threads together. */
  readonly processes: number;
  readonly memoryBytes: number;
  readonly cpuTimeSeconds: number;
  readonly wallTimeSeconds: number;
  readonly fileSizeBytes: number;
  readonly openFiles: number;
  readonly outputBytes: number;
  /** Processors' worth of CPU time per second: 0.5, 2. Absent: as many as the host has. */
  readonly cpus?: number;
  /** Of the private /tmp, and of the private /dev/shm. */
  readonly tmpSizeBytes: number;
  /** Of the home. Absent: not limited. */
  readonly diskBytes?: number;
}

export interface JailUser {
  /** `web1`: the jail's name and a number from 1. */
  readonly name: string;
  /** Also the GID of the user's private group. */
  readonly uid: number;
}

/**
 * Everything about one jail but its tree: fully specific, nothing left to choose.
 * It is written to the jail's root-only marker, so that what was applied can be read back
 * without the manifest.
 */
export interface JailSettings {
  readonly name: string;
  /** Absolute path of the jail's root directory on the host. */
  readonly path: string;
  /** In the order of their numbers. */
  readonly users: readonly JailUser[];
  readonly network: Network;
  readonly limits: Limits;
  /** Absent: the best that the host has. */
  readonly engine?: EngineName;
  readonly home: HomeMode;
  /** Names of layers and limits that a run may lack, sorted (model/layers.ts). */
  readonly optional: readonly string[];
  readonly login: LoginMode;
  /**
   * Public keys that log in as any user of the jail, each a line of authorized_keys (sshd(8)).
   * Absent where nobody logs in.
   */
  readonly authorizedKeys?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /** A directory of the host where a home is kept before it is deleted. Absent: nothing is kept. */
  readonly archive?: string;
}
