import { fixedLimits } from '../model/fixed-limits.ts';
import { privateDirectory, runGroup } from '../model/host-paths.ts';
import type { Limits } from '../model/settings.ts';
import { maskedProcPaths, readonlyProcPaths } from './masked-paths.ts';
import type {
  OciArchitecture,
  OciCapabilitySet,
  OciConfig,
  OciMount,
  OciNamespace,
  OciRlimit,
} from './oci.ts';
import type { RunSpec } from './run-spec.ts';
import { seccompFilter } from './seccomp.ts';

/** Where the first process of a run finds its program: below /dev, which is a run's own. */
export const initInJail = '/dev/.jailctl-init';

/** Where a helper program is, which stands for the program of a run. */
export const helperInJail = '/dev/.jailctl-helper';

/** As much of the host as a bundle depends on. */
export interface BundleHost {
  readonly architecture: OciArchitecture;
  /** Absolute path of the init program on the host: static, root's, mode 0755. */
  readonly initPath: string;
  /** Can the kernel filter system calls? Where it can't, no runtime starts a bundle with a filter. */
  readonly seccomp: boolean;
}

const pageBytes = 4096;
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

const small = ['mode=0755', 'size=64k', 'nr_inodes=64'];

/** Where a home that is kept waits until /home is covered. */
export const keptHome = '/dev/.jailctl-home';

/**
 * The user's own home, and no other: two runs that see one another's could meet there, at a socket,
 * and hand over what the leases keep apart: descriptors, and memory that then belongs to no run.
 */
function homeMounts({ jail, user, limits, home }: RunSpec): readonly OciMount[] {
  const path = `/home/${user.name}`;
  const covered = temporaryFileSystem('/home', ['nosuid', 'noexec', 'nodev', ...small]);
  if (home === 'keep') {
    const options = ['rw', 'nosuid', 'nodev'];
    return [
      bindMount(keptHome, `${jail.path}${path}`, options),
      covered,
      // A source is looked up when its mount is made, and by now the first one is covered.
      bindMount(path, `${jail.path}${keptHome}`, options),
    ];
  }
  const owner = [`uid=${user.uid}`, `gid=${user.uid}`, 'mode=0700'];
  const size = sizeOptions(limits.diskBytes ?? limits.tmpSizeBytes);
  return [covered, temporaryFileSystem(path, ['nosuid', 'nodev', ...owner, ...size])];
}

/** Mounts in their order. There is no /sys: it shows the machine, and programs do without. */
function mounts(spec: RunSpec, host: BundleHost): readonly OciMount[] {
  const { user, limits } = spec;
  // The user's own, besides mode 1777: runc up to 1.1 gives a tmpfs the mode of the directory below.
  const owner = [`uid=${user.uid}`, `gid=${user.uid}`, 'mode=1777'];
  const open = ['nosuid', 'nodev', ...owner, ...sizeOptions(limits.tmpSizeBytes)];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    // The runtime puts the specification's default devices here. Not nodev, for their sake.
    temporaryFileSystem('/dev', ['nosuid', 'noexec', ...small]),
    ...(spec.terminal === undefined ? [] : [terminals]),
    temporaryFileSystem('/dev/shm', ['noexec', ...open]),
    bindMount(initInJail, host.initPath, ['ro', 'nosuid', 'nodev']),
    ...(spec.helper === undefined
      ? []
      : [bindMount(helperInJail, spec.helper, ['ro', 'nosuid', 'nodev'])]),
    // Executable: compilers put the programs that they make here.
    temporaryFileSystem('/tmp', open),
    ...homeMounts(spec),
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
function rlimits(limits: Limits): readonly OciRlimit[] {
  const both = (type: string, value: number): OciRlimit => ({ type, soft: value, hard: value });
  const stack = 8 * mib;
  return [
    both('RLIMIT_CORE', 0),
    // For a process that jailctl does not end in time. It counts what the runtime has used before
    // it became the program (runc on a busy host: 0.12 s), so it has to be later.
    {
      type: 'RLIMIT_CPU',
      soft: limits.cpuTimeSeconds + 1,
      hard: limits.cpuTimeSeconds + 2,
    },
    both('RLIMIT_FSIZE', limits.fileSizeBytes),
    both('RLIMIT_NOFILE', Math.max(limits.openFiles, openFilesOfRuntime)),
    ...Object.entries(fixedLimits).map(([name, value]) =>
      both(`RLIMIT_${name.toUpperCase()}`, value),
    ),
    // The usual stack for every thread; a program that recurses deeply can raise its own.
    { type: 'RLIMIT_STACK', soft: stack, hard: Math.max(stack, limits.memoryBytes) },
  ];
}

/** The first process, and what it runs. A limit that the runtime could not work under, init sets. */
function initArguments({ argv, helper, limits, terminal }: RunSpec): readonly string[] {
  const own =
    limits.openFiles < openFilesOfRuntime ? ['--open-files', String(limits.openFiles)] : [];
  const [name, ...words] = argv;
  const command = [helper === undefined ? name : helperInJail, ...words];
  return [initInJail, ...own, ...(terminal === undefined ? [] : ['--terminal']), '--', ...command];
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

/**
 * What an OCI runtime needs to start one run: the content of the bundle's config.json.
 * The tree of the jail must have /proc, /dev, /tmp and the home: on these the runtime mounts.
 */
export function bundleConfig(spec: RunSpec, host: BundleHost): OciConfig {
  const { jail, user, env, terminal } = spec;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: terminal !== undefined,
      ...(terminal && { consoleSize: { height: terminal.rows, width: terminal.columns } }),
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
      cgroupsPath: `/${runGroup(user.name)}/box`,
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      ...(host.seccomp && {
        seccomp: seccompFilter({
          architecture: host.architecture,
          network: jail.network.mode !== 'none',
        }),
      }),
      maskedPaths: [privateDirectory(''), ...maskedProcPaths],
      readonlyPaths: readonlyProcPaths,
      rootfsPropagation: 'private',
    },
  };
}
