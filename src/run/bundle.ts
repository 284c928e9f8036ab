import { privateDirectory } from '../model/host-paths.ts';
import { maskedProcPaths, readonlyProcPaths } from './masked-paths.ts';
import type {
  OciArchitecture,
  OciCapabilitySet,
  OciConfig,
  OciMount,
  OciNamespace,
  OciRlimit,
} from './oci.ts';
import type { RunLimits, RunSpec } from './run-spec.ts';
import { seccompFilter } from './seccomp.ts';

/** Where the first process of a run finds its program: below /dev, which is a run's own. */
export const initInJail = '/dev/.jailctl-init';

/** As much of the host as a bundle depends on. */
export interface BundleHost {
  readonly architecture: OciArchitecture;
  /** Absolute path of the init program on the host: static, root's, mode 0755. */
  readonly initPath: string;
}

const pageBytes = 4096;
const kib = 2 ** 10;
const mib = 2 ** 20;

function temporaryFileSystem(destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

function bindMount(destination: string, source: string, options: readonly string[]): OciMount {
  // `bind`, not `rbind`: what is mounted below the source does not come along.
  return { destination, source, options: ['bind', ...options] };
}

/** An empty file costs the kernel about a quarter of a page: one for each page keeps that in bounds. */
function sizeOptions(bytes: number): readonly string[] {
  const inodes = Math.max(64, Math.ceil(bytes / pageBytes));
  return [`size=${bytes}`, `nr_inodes=${inodes}`];
}

function homeMount({ jail, user, limits, home }: RunSpec): OciMount {
  const path = `/home/${user.name}`;
  if (home === 'keep') {
    return bindMount(path, `${jail.path}${path}`, ['rw', 'nosuid', 'nodev']);
  }
  const owner = [`uid=${user.uid}`, `gid=${user.uid}`, 'mode=0700'];
  const size = sizeOptions(limits.diskBytes ?? limits.tmpSizeBytes);
  return temporaryFileSystem(path, ['nosuid', 'nodev', ...owner, ...size]);
}

/** Mounts in their order. There is no /sys: it shows the machine, and programs do without. */
function mounts(spec: RunSpec, host: BundleHost): readonly OciMount[] {
  const { user, limits } = spec;
  // The user's own, besides mode 1777: runc up to 1.1 gives a tmpfs the mode of the directory below.
  const owner = [`uid=${user.uid}`, `gid=${user.uid}`, 'mode=1777'];
  const open = ['nosuid', 'nodev', ...owner, ...sizeOptions(limits.tmpSizeBytes)];
  const small = ['mode=0755', 'size=64k', 'nr_inodes=64'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    // The runtime puts the specification's default devices here. Not nodev, for their sake.
    temporaryFileSystem('/dev', ['nosuid', 'noexec', ...small]),
    ...(spec.terminal ? [terminals] : []),
    temporaryFileSystem('/dev/shm', ['noexec', ...open]),
    bindMount(initInJail, host.initPath, ['ro', 'nosuid', 'nodev']),
    // Executable: compilers put the programs that they make here.
    temporaryFileSystem('/tmp', open),
    homeMount(spec),
  ];
}

const terminals: OciMount = {
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
};

/**
 * Runtimes are bound by the limit themselves while they build the run: crun 1.8 keeps a descriptor
 * for each masked path, runc 1.1 needs some for the filter.
 */
const openFilesOfRuntime = 64;

/**
 * Limits of each process (getrlimit(2)). Those that don't come from the jail are said all the same:
 * a run must not depend on the limits of the shell that jailctl was started from. RLIMIT_NPROC is
 * not among them: it counts all processes of the UID, and the pids cgroup counts those of the run.
 */
function rlimits(limits: RunLimits): readonly OciRlimit[] {
  const both = (type: string, value: number): OciRlimit => ({ type, soft: value, hard: value });
  const stack = 8 * mib;
  return [
    both('RLIMIT_CORE', 0),
    // SIGXCPU first, so that a program can say what it was doing; a second later SIGKILL.
    {
      type: 'RLIMIT_CPU',
      soft: limits.cpuTimeSeconds,
      hard: limits.cpuTimeSeconds + 1,
    },
    both('RLIMIT_FSIZE', limits.fileSizeBytes),
    both('RLIMIT_NOFILE', Math.max(limits.openFiles, openFilesOfRuntime)),
    both('RLIMIT_MEMLOCK', 64 * kib),
    both('RLIMIT_MSGQUEUE', 800 * kib),
    both('RLIMIT_SIGPENDING', 4096),
    both('RLIMIT_NICE', 0),
    both('RLIMIT_RTPRIO', 0),
    // The usual stack for every thread; a program that recurses deeply can raise its own.
    { type: 'RLIMIT_STACK', soft: stack, hard: Math.max(stack, limits.memoryBytes) },
  ];
}

/** The first process, and what it runs. A limit that the runtime could not work under, init sets. */
function initArguments({ argv, limits }: RunSpec): readonly string[] {
  const own =
    limits.openFiles < openFilesOfRuntime ? ['--open-files', String(limits.openFiles)] : [];
  return [initInJail, ...own, '--', ...argv];
}

function namespaces({ jail }: RunSpec): readonly { readonly type: OciNamespace }[] {
  const types: OciNamespace[] = ['pid', 'mount', 'ipc', 'uts', 'cgroup'];
  // A jail that may reach something is in the host's network, where the packet rules for its UIDs
  // fence it.
  if (jail.network.mode === 'none') types.push('network');
  return types.map((type) => ({ type }));
}

const noCapabilities: Readonly<Record<OciCapabilitySet, readonly string[]>> = {
  bounding: [],
  effective: [],
  inheritable: [],
  permitted: [],
  ambient: [],
};

/** The cgroup of a user's run, from the root of each hierarchy. Limits are written there. */
export function runCgroup(userName: string): string {
  return `/jailctl/${userName}`;
}

/**
 * What an OCI runtime needs to start one run: the content of the bundle's config.json.
 * The tree of the jail must have /proc, /dev, /tmp and the home: on these the runtime mounts.
 */
export function bundleConfig(spec: RunSpec, host: BundleHost): OciConfig {
  const { jail, user, env } = spec;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: spec.terminal,
      user: { uid: user.uid, gid: user.uid, umask: 0o077 },
      args: initArguments(spec),
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: spec.workingDirectory,
      capabilities: noCapabilities,
      rlimits: rlimits(spec.limits),
      noNewPrivileges: true,
      // When the host is short of memory, a tenant's program goes first.
      oomScoreAdj: 1000,
    },
    root: { path: jail.path, readonly: true },
    hostname: jail.name,
    mounts: mounts(spec, host),
    linux: {
      namespaces: namespaces(spec),
      // A child of the cgroup with the limits: the parent outlives it, and the peaks are read there.
      cgroupsPath: `${runCgroup(user.name)}/box`,
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      seccomp: seccompFilter({
        architecture: host.architecture,
        network: jail.network.mode !== 'none',
      }),
      maskedPaths: [privateDirectory(''), ...maskedProcPaths],
      readonlyPaths: readonlyProcPaths,
      rootfsPropagation: 'private',
    },
  };
}
