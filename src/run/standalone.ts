import { scriptGroup } from '../model/host-paths.ts';
import { initInJail } from './bundle.ts';
import type { OciConfig, OciResources } from './oci.ts';
import type { RunSpec } from './run-spec.ts';

const cpuPeriodUs = 100_000;

/**
 * The limits as the runtime sets them (config-linux.md of the OCI runtime specification).
 * @param limitsSwap does the host's memory controller count swap?
 */
function resourcesOf({ limits }: RunSpec, limitsSwap: boolean): OciResources {
  const { memoryBytes, processes, cpus } = limits;
  return {
    devices: [{ allow: false, access: 'rwm' }],
    memory: {
      limit: memoryBytes,
      ...(limitsSwap && { swap: memoryBytes }),
    },
    // One more for process 1, which is not the program's.
    pids: { limit: processes + 1 },
    ...(cpus !== undefined && {
      cpu: { quota: Math.round(cpus * cpuPeriodUs), period: cpuPeriodUs },
    }),
  };
}

/**
 * A bundle that a runtime can run without jailctl: what jailctl does itself, the runtime and
 * process 1 do as far as they can. Nobody then counts the bytes of the output, the CPU time of all
 * processes together (RLIMIT_CPU holds for each), and, with cgroups of version 1, what lies in
 * sockets.
 */
export function standaloneConfig(spec: RunSpec, config: OciConfig, limitsSwap: boolean): OciConfig {
  const [, ...rest] = config.process.args;
  const seconds = String(spec.limits.wallTimeSeconds);
  return {
    ...config,
    process: { ...config.process, args: [initInJail, '--wall-time', seconds, ...rest] },
    linux: {
      ...config.linux,
      // The runtime removes its own group only, so it gets none below others.
      cgroupsPath: `/${scriptGroup(spec.user.name)}`,
      resources: resourcesOf(spec, limitsSwap),
    },
  };
}
