import type { Diagnostic } from '../model/diagnostic.ts';
import type { LayerName } from '../model/layers.ts';
import type { LayerState } from './run-result.ts';
import type { RunSpec } from './run-spec.ts';

export type States = Readonly<Record<string, LayerState>>;
type Layers = Readonly<Record<LayerName, LayerState>>;

/** What holds a run, by name. */
export interface Enforcement {
  readonly layers: Layers;
  /** Of those limits that the run has. */
  readonly limits: States;
  /** What would help against an absent one, where the host knows better than we do here. */
  readonly remedies: Readonly<Record<string, string>>;
}

export type Controller = 'cpu' | 'cpuacct' | 'memory' | 'pids';

/** Why a controller can't be used, and what would help. */
export interface Unusable {
  readonly why: string;
  readonly remedy: string;
}

/** What the host and its runtime can do for a run. */
export interface EnforcementHost {
  /** The controllers that jailctl can set for a run; `cpuacct` is in every cgroup of version 2. */
  readonly controllers: ReadonlySet<Controller>;
  /** Those that `controllers` lacks. */
  readonly unusable: ReadonlyMap<Controller, Unusable>;
  /** Does the memory controller count and limit swap? */
  readonly swapLimited: boolean;
  readonly hasSwap: boolean;
  /** Can the kernel and the runtime filter system calls, for this architecture? */
  readonly seccomp: boolean;
}

function inForce(by: string): LayerState {
  return { state: 'in_force', by };
}

function weaker(by: string, why: string): LayerState {
  return { state: 'weaker', by, why };
}

function absent(why: string): LayerState {
  return { state: 'absent', why };
}

function network({ jail, engine }: RunSpec): LayerState {
  switch (jail.network.mode) {
    case 'host':
      return absent('the manifest gives the jail the network of the host');
    case 'allow':
      return weaker(
        'packet rules for the UID',
        'the jail may reach some of the network, so it is in that of the host, with its abstract sockets',
      );
    case 'none':
      if (engine !== 'chroot') return inForce(engine);
      return weaker('packet rules for the UID', 'abstract sockets of the host can be reached');
  }
}

/** Of a run that an OCI runtime starts, as bundleConfig() asks for it. */
function runtimeLayers(spec: RunSpec, host: EnforcementHost): Layers {
  const { engine } = spec;
  const byRuntime = inForce(engine);
  return {
    mount_namespace: byRuntime,
    pid_namespace: byRuntime,
    network_namespace: network(spec),
    ipc_namespace: byRuntime,
    uts_namespace: byRuntime,
    cgroup_namespace: byRuntime,
    read_only_root: byRuntime,
    private_tmp: byRuntime,
    private_devices: byRuntime,
    masked_proc: byRuntime,
    no_new_privileges: byRuntime,
    no_capabilities: byRuntime,
    no_groups: byRuntime,
    seccomp: seccomp(spec, host),
    own_session: byRuntime,
    clean_environment: byRuntime,
    umask: byRuntime,
    no_core_dumps: inForce('RLIMIT_CORE'),
  };
}

function seccomp({ engine }: RunSpec, host: EnforcementHost): LayerState {
  // gVisor answers the calls itself; its own filter stands between it and the kernel.
  if (engine === 'runsc') return inForce("gVisor's own kernel");
  if (host.seccomp) return inForce(`${engine}, an allow-list`);
  return absent(`the kernel, or ${engine} as it was built, can't filter system calls here`);
}

/** Of chroot(1) after setpriv(1) and prlimit(1): the jail's files, the UID, and little else. */
function chrootLayers(spec: RunSpec): Layers {
  return {
    mount_namespace: absent(
      'chroot only moves the root: with a directory of outside, handed over on a socket, a program leaves the jail; files that it makes there stay',
    ),
    pid_namespace: absent('processes of the same user can be signalled and traced from inside'),
    network_namespace: network(spec),
    ipc_namespace: absent(
      'System V objects and message queues of the host can be reached; those of the run are removed after it',
    ),
    uts_namespace: absent("the host's name is seen"),
    cgroup_namespace: absent('no namespaces with this engine'),
    read_only_root: weaker(
      'ownership',
      'all but the home belongs to root, and is not mounted read-only',
    ),
    private_tmp: absent('there is no /tmp that the program can write in'),
    private_devices: weaker('five devices of the jail', 'they are on disk, not made for the run'),
    masked_proc: inForce('the jail has no /proc'),
    no_new_privileges: inForce('setpriv'),
    no_capabilities: inForce('setpriv'),
    no_groups: inForce('setpriv'),
    seccomp: absent('no filter with this engine, but for the calls that keys are made with'),
    own_session: inForce('setsid'),
    clean_environment: inForce('env'),
    umask: inForce('jailctl'),
    no_core_dumps: inForce('RLIMIT_CORE'),
  };
}

/** Which controllers limits can't do without. */
const controllersOf: Readonly<Record<string, Controller>> = {
  processes: 'pids',
  memory: 'memory',
  cpus: 'cpu',
};

function noGroup(controller: Controller, { unusable }: EnforcementHost): LayerState {
  const why = unusable.get(controller)?.why;
  const reason = why === undefined ? '' : `: ${why}`;
  return absent(`jailctl can set no ${controller} cgroup on this host${reason}`);
}

function processes({ engine }: RunSpec, host: EnforcementHost): LayerState {
  if (engine === 'runsc') {
    return weaker('the pids cgroup', "it counts gVisor's own threads, not the program's");
  }
  if (host.controllers.has('pids')) return inForce('the pids cgroup');
  if (engine !== 'chroot') return noGroup('pids', host);
  return weaker('RLIMIT_NPROC', 'it counts all processes of the user, not those of the run');
}

function memory(host: EnforcementHost): LayerState {
  const { controllers, swapLimited, hasSwap } = host;
  // RLIMIT_AS is no substitute: virtual machines reserve far more than they use.
  if (!controllers.has('memory')) return noGroup('memory', host);
  if (swapLimited || !hasSwap) return inForce('the memory cgroup');
  return weaker('the memory cgroup', 'the host has swap, and the kernel does not limit its use');
}

function cpuTime({ controllers }: EnforcementHost): LayerState {
  if (controllers.has('cpuacct')) return inForce('the time of the cgroup, and RLIMIT_CPU');
  return weaker('RLIMIT_CPU', 'it counts each process by itself');
}

function disk({ engine, home }: RunSpec): LayerState {
  if (home === 'fresh' && engine !== 'chroot') return inForce('the size of the home, a tmpfs');
  return weaker(
    'jailctl, which looks at the home now and then',
    'between two looks the home can grow beyond it, and so can deleted files that are still open',
  );
}

function limitStates(spec: RunSpec, host: EnforcementHost): States {
  const { limits, engine } = spec;
  const temporary = engine === 'chroot' ? 'no /tmp to write in' : 'the size of /tmp, a tmpfs';
  return {
    processes: processes(spec, host),
    memory: memory(host),
    ...(limits.cpus !== undefined && {
      cpus: host.controllers.has('cpu')
        ? inForce('the quota of the cpu cgroup')
        : noGroup('cpu', host),
    }),
    cpu_time: cpuTime(host),
    wall_time: inForce('a timer of jailctl'),
    file_size: inForce('RLIMIT_FSIZE'),
    open_files: inForce('RLIMIT_NOFILE, of each process'),
    output:
      spec.terminal !== undefined
        ? absent('what goes to a terminal does not pass through jailctl')
        : inForce('jailctl, which passes it on'),
    tmp_size: inForce(temporary),
    ...(limits.diskBytes !== undefined && { disk: disk(spec) }),
  };
}

/** Which barriers a run has, and what enforces its limits. */
export function enforcementOf(spec: RunSpec, host: EnforcementHost): Enforcement {
  const layers = spec.engine === 'chroot' ? chrootLayers(spec) : runtimeLayers(spec, host);
  const remedies = Object.entries(controllersOf).flatMap(([name, controller]) => {
    const known = host.unusable.get(controller)?.remedy;
    return known === undefined ? [] : [[name, known] as const];
  });
  return { layers, limits: limitStates(spec, host), remedies: Object.fromEntries(remedies) };
}

/**
 * Why a run must not start: what is absent though nobody gave it up. Given up are the layers that
 * `--engine chroot` lacks, a network that the manifest opens, output to a terminal that the caller asks
 * for, and what `optional` names.
 * @param optional names of layers and limits
 */
export function missingEnforcement(
  spec: RunSpec,
  { layers, limits, remedies }: Enforcement,
  optional: ReadonlySet<string>,
): readonly Diagnostic[] {
  const wanted = { ...(spec.engine === 'chroot' ? {} : layers), ...limits };
  const networkOpen = spec.jail.network.mode !== 'none';
  return Object.entries(wanted).flatMap(([name, state]) => {
    if (state.state !== 'absent' || optional.has(name)) return [];
    if (name === 'network_namespace' && networkOpen) return [];
    if (name === 'output' && spec.terminal !== undefined) return [];
    return [
      {
        code: name in limits ? 'limit-absent' : 'layer-absent',
        message: `${name} can't be enforced: ${state.why}`,
        hint: remedy(name, remedies[name]),
      },
    ];
  });
}

const seccompRemedy =
  'take a runtime that was built with libseccomp, and a kernel with CONFIG_SECCOMP_FILTER';

function remedy(name: string, known: string | undefined): string {
  const first = name === 'seccomp' ? seccompRemedy : known;
  const givenUp = `name ${name} in the jail's \`optional\` to run without it`;
  return first === undefined ? givenUp : `${first}, or ${givenUp}`;
}
