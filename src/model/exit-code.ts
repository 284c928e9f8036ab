/** Exit codes of every command but `exec`, which exits as the program did. */
export const exitCode = {
  done: 0,
  failed: 1,
  /** `plan --detailed-exitcode` found changes. */
  changes: 2,
  /** A bad manifest or bad usage. */
  usage: 3,
  /** A conflict, a protected jail, or an approval that was not given. */
  refused: 4,
  /** Another jailctl holds the lock. */
  locked: 5,
  /** `verify`: a jail did not hold, or nothing was proven. */
  verification: 6,
  /** A privilege or a host tool is missing. */
  missing: 7,
  /** A saved plan is stale: what it relies on has changed. */
  stale: 8,
  /** `exec`: the sandbox itself failed, so that the program did not run, or not to its end. */
  sandbox: 125,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
