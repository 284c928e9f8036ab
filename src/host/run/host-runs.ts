import { existsSync } from 'node:fs';
import type { JailUser } from '../../model/settings.ts';
import type { EnforcementHost } from '../../run/layers.ts';
import type { OciConfig } from '../../run/oci.ts';
import type { Measurement } from '../../run/run-result.ts';
import type { EngineName, RunSpec } from '../../run/run-spec.ts';
import { openCgroups } from './cgroups.ts';
import { chooseEngine, requireInit } from './engine.ts';
import { awaitFreeUser, type Lease, leaseFreeUser } from './lease.ts';
import { type RunStreams, runProgram } from './supervise.ts';

/** What this host runs programs with, found out once for many runs. */
export interface HostRuns {
  readonly engine: EngineName;
  readonly enforcement: EnforcementHost;
  /** The program for process 1 of a run; none for the engine `chroot`. */
  readonly initPath: string | undefined;
  /** @param wait until a user is free, or the signal is aborted; absent: one must be free now */
  lease(users: readonly JailUser[], wait: AbortSignal | undefined): Promise<Lease>;
  run(
    spec: RunSpec,
    config: OciConfig | undefined,
    lease: Lease,
    streams: RunStreams,
    signal: AbortSignal,
  ): Promise<Measurement>;
}

/** There from Linux 4.14 on, where the kernel can filter system calls (seccomp(2)). */
const seccompActions = '/proc/sys/kernel/seccomp/actions_avail';

/** @throws Failure with exit code 7 when an engine or the init program is missing */
export function openHostRuns(wanted: EngineName | undefined, packageRoot: string): HostRuns {
  const cgroups = openCgroups();
  const engine = chooseEngine(wanted, cgroups.mode);
  const { swapLimited, hasSwap } = cgroups;
  return {
    engine: engine.name,
    enforcement: {
      controllers: new Set(cgroups.places.keys()),
      swapLimited,
      hasSwap,
      seccomp: existsSync(seccompActions),
    },
    initPath: engine.name === 'chroot' ? undefined : requireInit(packageRoot),
    lease: (users, wait) =>
      wait === undefined ? leaseFreeUser(users, cgroups) : awaitFreeUser(users, cgroups, wait),
    run: (spec, config, lease, streams, signal) =>
      runProgram(spec, config, streams, { engine, cgroups, lease }, signal),
  };
}
