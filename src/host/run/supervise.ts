import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runtimeStateDirectory } from '../../model/host-paths.ts';
import type { OciConfig } from '../../run/oci.ts';
import type { Measurement } from '../../run/run-result.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { chrootArgv, runtimeArgv } from './engine.ts';
import { containerName } from './lease.ts';
import { complaintBytesMax, Run, type RunMeans, type RunStreams } from './run.ts';
import { createRunCgroup } from './run-cgroup.ts';

export type { RunMeans, RunStreams } from './run.ts';

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, complaintBytesMax);
  } catch {
    return '';
  }
}

/**
 * Runs one program to its end, or to its limits. Whatever happens, nothing of the run is left: no
 * process, no cgroup, no state of the runtime.
 * @param config of the bundle; absent for the engine `chroot`
 * @param signal ends the run when it is aborted
 * @throws Failure with exit code 125 when its limits can't be set
 */
export async function runProgram(
  spec: RunSpec,
  config: OciConfig | undefined,
  streams: RunStreams,
  means: RunMeans,
  signal?: AbortSignal,
): Promise<Measurement> {
  const { engine, cgroups, lease } = means;
  const { name } = spec.user;
  const state = `${runtimeStateDirectory}/${containerName(name)}`;
  const [bundle, log] = [`${lease.directory}/config.json`, `${lease.directory}/log`];
  const cgroup = await createRunCgroup(cgroups, name, spec.limits, config === undefined ? 0 : 1);
  try {
    // An earlier run whose jailctl and whose janitor were killed.
    rmSync(state, { recursive: true, force: true });
    writeFileSync(bundle, JSON.stringify(config ?? {}), { mode: 0o600 });
    const argv =
      config === undefined
        ? chrootArgv(spec, cgroup.begin(), !cgroups.places.has('pids'))
        : runtimeArgv(engine, lease.directory, name, log);
    const run = new Run(spec, means, cgroup);
    const stop = () => run.stop('caller');
    signal?.addEventListener('abort', stop, { once: true });
    try {
      if (signal?.aborted === true) stop();
      await run.execute(argv, streams);
      return run.measurement(readLog(log));
    } finally {
      signal?.removeEventListener('abort', stop);
      await run.close();
    }
  } finally {
    await cgroup.remove();
    for (const path of [state, bundle, log]) rmSync(path, { recursive: true, force: true });
    lease.idle();
  }
}
