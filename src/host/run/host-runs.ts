import { existsSync } from 'node:fs';
import type { EngineName } from '../../model/settings.ts';
import type { BundleHost } from '../../run/bundle.ts';
import type { LeasedUser, RunHost } from '../../run/run-host.ts';
import { openCgroups } from './cgroups.ts';
import { chooseEngine } from './engine.ts';
import { emptyHome } from './home.ts';
import { awaitFreeUser, type Lease, leaseFreeUser } from './lease.ts';
import { requireNative } from './native-programs.ts';
import type { RunMeans } from './run-means.ts';
import { runProgram } from './supervise.ts';

/** There from Linux 4.14 on, where the kernel can filter system calls (seccomp(2)). */
const seccompActions = '/proc/sys/kernel/seccomp/actions_avail';

function leasedUser(lease: Lease, means: Omit<RunMeans, 'lease'>): LeasedUser {
  return {
    user: lease.user,
    run: (spec, config, streams, signal) =>
      runProgram(spec, config, streams, { ...means, lease }, signal),
    emptyHome: ({ path }) => emptyHome(path, lease.user),
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  };
}

/**
 * What this host runs programs with.
 * @param wanted absent: the best that there is
 * @param packageRoot where jailctl itself is installed
 * @throws Failure with exit code 7 when an engine or the init program is missing
 */
export function openHostRuns(wanted: EngineName | undefined, packageRoot: string): RunHost {
  const cgroups = openCgroups();
  const engine = chooseEngine(wanted, cgroups.mode);
  const means = {
    engine,
    cgroups,
    launchPath: requireNative(packageRoot, 'jailctl-launch'),
    sweepPath: requireNative(packageRoot, 'jailctl-sweep'),
  };
  const { swapLimited, hasSwap } = cgroups;
  const seccomp = existsSync(seccompActions);
  const bundleHost = (): BundleHost => ({
    architecture: process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64',
    initPath: requireNative(packageRoot, 'jailctl-init'),
    seccomp,
  });
  return {
    engine: engine.name,
    enginePath: engine.path,
    enforcement: {
      controllers: new Set(cgroups.places.keys()),
      unusable: cgroups.unusable,
      swapLimited,
      hasSwap,
      seccomp,
    },
    bundleHost: engine.name === 'chroot' ? undefined : bundleHost(),
    lease: async (users, wait) => {
      const leasing =
        wait === undefined ? leaseFreeUser(users, means) : awaitFreeUser(users, means, wait);
      return leasedUser(await leasing, means);
    },
  };
}
