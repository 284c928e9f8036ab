import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { fixedLimits } from '../../model/fixed-limits.ts';
import { bundleDirectory, containerName, runtimeStateDirectory } from '../../model/host-paths.ts';
import type { CgroupMode } from '../../model/run-facts.ts';
import type { EngineName } from '../../model/settings.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { findCommand, requireCommand } from '../path.ts';

/** What starts runs on this host. */
export interface Engine {
  readonly name: EngineName;
  /** Of the runtime's program; of unshare(1), which calls chroot(2), for `chroot`. */
  readonly path: string;
}

/**
 * crun is three times as fast as runc. On hosts with hybrid cgroups it refuses to start where
 * version 2 is mounted too (1.8.1: "cgroups in hybrid mode not supported").
 */
export function preference(mode: CgroupMode): readonly EngineName[] {
  return mode === 'hybrid' ? ['runc', 'crun'] : ['crun', 'runc'];
}

/** The program of an engine: chroot(2) is called by unshare(1). */
export function engineCommand(name: EngineName): string {
  return name === 'chroot' ? 'unshare' : name;
}

const howToInstall: Readonly<Record<EngineName, string>> = {
  crun: 'apt-get install crun (or runc)',
  runc: 'apt-get install runc (or crun)',
  runsc: 'install gVisor: https://gvisor.dev/docs/user_guide/install',
  chroot: 'apt-get install util-linux',
};

/**
 * @param wanted the engine that somebody asked for; absent: an OCI runtime, by what the host has
 * @throws Failure with exit code 7, naming the packages, when it is not there. The engine `chroot`
 *   is never taken by itself: it has far fewer layers.
 */
export function chooseEngine(wanted: EngineName | undefined, mode: CgroupMode): Engine {
  const candidates = wanted === undefined ? preference(mode) : [wanted];
  for (const name of candidates) {
    const path = findCommand(engineCommand(name));
    if (path !== undefined) return { name, path };
  }
  throw new Failure(`the host has no ${candidates.join(' and no ')} to run programs with`, {
    exitCode: exitCode.missing,
    hint: `${howToInstall[candidates[0] as EngineName]}${
      wanted === undefined ? '; or --engine chroot, which has fewer layers' : ''
    }`,
  });
}

/**
 * The command that runs a bundle, in the foreground, with the descriptors 3 and 4 for process 1.
 * What the runtime has to complain of goes into the file `log`, and stderr is the program's.
 */
export function runtimeArgv(
  { name, path }: Engine,
  user: string,
  log: string,
): readonly [string, ...string[]] {
  const descriptors =
    name === 'runsc' ? ['--pass-fd=3:3', '--pass-fd=4:4'] : ['--preserve-fds', '2'];
  return [
    path,
    // By its state directory the janitor knows the runtime of a run.
    ...['--root', runtimeStateDirectory(user), '--log', log],
    ...['run', '--bundle', bundleDirectory(user), ...descriptors, containerName(user)],
  ];
}

/** What the dynamic linker and the C library obey, and what changes what they load (ld.so(8)). */
const loaderVariables =
  /^(?:LD_|GLIBC_TUNABLES$|GCONV_PATH$|LOCPATH$|NLSPATH$|HOSTALIASES$|RES_OPTIONS$|TMPDIR$|MALLOC_)/;

/** Joins groups: a writer of 0 means itself. Then becomes the rest of its arguments. */
const joinScript = `
umask 077
while [ "$1" != -- ]; do
  echo 0 >"$1" || exit 125
  shift
done
shift
exec "$@"
`;

/**
 * The command that runs a program by chroot(2) alone. It is unshare(1), told to unshare nothing,
 * because chroot(1) can't start a program in another directory than `/`. Everything before it runs
 * on the host with a fixed environment; that one has the program's, to hand it on.
 * @param join files of cgroups, by which a process joins the run
 * @param limitProcesses by RLIMIT_NPROC, where no cgroup does it
 * @param launchPath of jailctl-launch
 * @throws Failure with exit code 125 for a variable that it would itself obey, as root
 */
export function chrootArgv(
  spec: RunSpec,
  join: readonly string[],
  limitProcesses: boolean,
  launchPath: string,
): readonly [string, ...string[]] {
  const { limits, user, jail } = spec;
  const dangerous = Object.keys(spec.env).find((name) => loaderVariables.test(name));
  if (dangerous !== undefined) {
    throw new Failure(`the engine chroot can't pass on the variable ${dangerous}`, {
      exitCode: exitCode.sandbox,
      hint: 'a program of root would obey it on the way: set it inside the jail, or take another engine',
    });
  }
  const [name, ...words] = spec.argv;
  const program = spec.helper === undefined ? name : spec.helper.slice(jail.path.length);
  const cpuSeconds = limits.cpuTimeSeconds;
  return [
    requireCommand('setsid'),
    ...[requireCommand('sh'), '-c', joinScript, 'sh', ...join, '--'],
    // For a process that jailctl does not end in time. The kernel counts it by ticks, and so more
    // roughly than the group's time: at the limit itself it would be first, and tell of a signal.
    ...[requireCommand('prlimit'), '--core=0:0', `--cpu=${cpuSeconds + 1}:${cpuSeconds + 2}`],
    ...[`--fsize=${limits.fileSizeBytes}`, `--nofile=${limits.openFiles}`],
    ...Object.entries(fixedLimits).map(([name, value]) => `--${name}=${value}`),
    ...(limitProcesses ? [`--nproc=${limits.processes}`] : []),
    '--',
    // What is left in the bounding set is what root needs for the next step; a user that is not
    // root loses every capability by it, and can't get one back (capabilities(7)).
    ...[requireCommand('setpriv'), '--no-new-privs', '--inh-caps=-all'],
    ...['--bounding-set=-all,+sys_chroot,+dac_read_search,+setuid,+setgid', '--'],
    ...[launchPath, String(process.pid)],
    ...[requireCommand('env'), '--ignore-environment', '--'],
    ...Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    // --setgid drops the supplementary groups as well (unshare(1)).
    ...[requireCommand('unshare'), `--root=${jail.path}`, `--wd=${spec.workingDirectory}`],
    ...[`--setgid=${user.uid}`, `--setuid=${user.uid}`, '--', program, ...words],
  ];
}
