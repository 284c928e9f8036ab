import type { EngineName } from '../model/settings.ts';

/** Why a run ended. */
export type RunStatus =
  /** It ended by itself with exit code 0. */
  | 'ok'
  /** It ended by itself with another exit code. */
  | 'runtime_error'
  /** A signal ended it, none of jailctl's. */
  | 'signalled'
  /** It used up its CPU time or its wall time. */
  | 'time_limit'
  | 'memory_limit'
  | 'output_limit'
  /** The program was not run, or not to its end, for a reason that is not its own. */
  | 'sandbox_error';

/** Is a barrier in force, and if not, why not? */
export type LayerState =
  | { readonly state: 'in_force'; readonly by: string }
  | { readonly state: 'weaker'; readonly by: string; readonly why: string }
  | { readonly state: 'absent'; readonly why: string };

/** What became of a file that was wanted of a run. */
export type CopiedOut =
  | { readonly from: string; readonly to: string; readonly bytes: number }
  | { readonly from: string; readonly to: string; readonly error: string };

/** What is known of a run that has ended, before anybody judges it. */
export interface Measurement {
  /** From wait(2) on the program itself; absent when it never started. */
  readonly ended?: { readonly exitCode: number } | { readonly signal: number };
  /** What ended it, when it did not end by itself. */
  readonly stoppedBy?: 'wall_time' | 'cpu_time' | 'output' | 'disk' | 'caller';
  /** From execve(2) in the jail, where the program could not be started: errno(3). */
  readonly execErrno?: number;
  /** Which of `copyIn` could not be made in the jail, so that nothing was run, and its errno(3). */
  readonly putFailed?: { readonly index: number; readonly errno: number };
  /** Why the sandbox itself failed, for a person. */
  readonly failure?: string;
  readonly wallTimeMs: number;
  readonly cpuTimeMs: number;
  readonly memoryPeakBytes: number;
  /** Absent where the host does not count them. */
  readonly processesPeak?: number;
  /** How often the kernel killed something of the run for want of memory. */
  readonly memoryKills: number;
  /** Of stdout and stderr together, as far as it was passed on. */
  readonly outputBytes: number;
  /** Did the program write more than was passed on? */
  readonly outputCut: boolean;
  readonly copiedOut: readonly CopiedOut[];
  /** The most that the home was seen to take; absent where nobody looks. */
  readonly homeBytes?: number;
}

/** What a run was and how it ended. */
export interface RunResult {
  readonly status: RunStatus;
  readonly jail: string;
  readonly user: string;
  readonly engine: EngineName;
  readonly exitCode?: number;
  /** By its name: `SIGKILL`. */
  readonly signal?: string;
  /** For a person: `used up its wall time of 30s`. */
  readonly message: string;
  readonly wallTimeMs: number;
  readonly cpuTimeMs: number;
  readonly memoryPeakBytes: number;
  readonly processesPeak?: number;
  readonly outputBytes: number;
  readonly outputCut: boolean;
  readonly copiedOut: readonly CopiedOut[];
  /** By name: `mount_namespace`, `seccomp`, `memory`, … */
  readonly layers: Readonly<Record<string, LayerState>>;
  readonly limits: Readonly<Record<string, LayerState>>;
}
