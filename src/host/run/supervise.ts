import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { bundleConfigFile, runtimeStateDirectory } from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import type { OciConfig } from '../../run/oci.ts';
import type { RunStreams } from '../../run/run-host.ts';
import type { Measurement } from '../../run/run-result.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { isErrno } from '../errno.ts';
import { endProcesses } from '../processes.ts';
import { openSources } from './copy-in.ts';
import { requireDestinations } from './copy-out.ts';
import { chrootArgv, runtimeArgv } from './engine.ts';
import { shutHome } from './home.ts';
import { NewPipes } from './pipes.ts';
import { Run } from './run.ts';
import { createRunCgroup } from './run-cgroup.ts';
import type { RunMeans } from './run-means.ts';
import { complaintBytesMax } from './streams.ts';
import { saveTerminal } from './terminal.ts';

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, complaintBytesMax);
  } catch (error) {
    // The runtime had nothing to say.
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** @throws Failure with exit code 125 when the user has gone, or is another one by now */
function requireAccount({ name, uid }: JailUser): void {
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  if (entries.some(([login, , number]) => login === name && number === String(uid))) return;
  throw new Failure(`there is no user ${name} with UID ${uid} any more`, {
    exitCode: exitCode.sandbox,
    hint: 'the jail was changed or destroyed meanwhile',
  });
}

/**
 * Runs one program to its end, or to its limits. Whatever happens, nothing of the run is left: no
 * process, no cgroup, no state of the runtime.
 * @param config of the bundle; absent for the engine `chroot`
 * @param signal ends the run when it is aborted
 * @throws Failure with exit code 125 when its limits can't be set, 3 when a file can't be copied
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
  const state = runtimeStateDirectory(name);
  if (engine.name === 'chroot' && spec.copyIn.length + spec.copyOut.length > 0) {
    // Without process 1, root would have to open what the tenant can replace.
    throw new Failure("the engine chroot can't copy files into a run, or out of it", {
      exitCode: exitCode.sandbox,
      hint: 'take another engine: apt-get install crun (or runc)',
    });
  }
  requireDestinations(spec.copyOut);
  using opened = openSources(spec.copyIn);
  using _terminal = spec.terminal === undefined ? undefined : saveTerminal();
  const [bundle, log] = [bundleConfigFile(name), `${lease.directory}/log`];
  await using newPipes = new NewPipes(lease.directory);
  const cgroup = await createRunCgroup(cgroups, name, spec.limits, config === undefined ? 0 : 1);
  try {
    writeFileSync(bundle, JSON.stringify(config ?? {}), { mode: 0o600 });
    // Whoever removes the account looks for the bundle after that: one of us sees the other.
    requireAccount(spec.user);
    if (spec.home === 'keep' && spec.isForeign !== true) shutHome(spec.jail.path, spec.user);
    const argv =
      config === undefined
        ? chrootArgv(spec, cgroup.begin(), !cgroups.places.has('pids'), means.launchPath)
        : runtimeArgv(engine, name, log);
    const pipes = await newPipes.open();
    const run = new Run(spec, streams, pipes, means, cgroup, opened.sources);
    const stop = () => run.stop('caller');
    signal?.addEventListener('abort', stop, { once: true });
    try {
      if (signal?.aborted === true) stop();
      await run.execute(argv);
      return run.measurement(readLog(log));
    } finally {
      signal?.removeEventListener('abort', stop);
      await run.close();
    }
  } finally {
    await cgroup.remove();
    // Without namespaces of its own, a run leaves more than processes.
    if (engine.name === 'chroot') await endProcesses(means.sweepPath, [spec.user.uid]);
    for (const path of [state, bundle, log]) rmSync(path, { recursive: true, force: true });
    lease.idle();
  }
}
