import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { runsGroup } from '../../model/host-paths.ts';
import type { CgroupMode } from '../../model/run-facts.ts';
import type { Controller, Unusable } from '../../run/layers.ts';
import { type CgroupLayout, type Hierarchy, parseCgroupLayout } from '../cgroup-layout.ts';
import { isErrno } from '../errno.ts';
import { handOn, words } from './cgroup-files.ts';

/** The cgroups of this host, as far as runs can use them. */
export interface Cgroups {
  readonly mode: CgroupMode;
  /** Those that can be written, whatever their controllers: a runtime makes groups in each. */
  readonly hierarchies: readonly Hierarchy[];
  /** In which of them each controller is. */
  readonly places: ReadonlyMap<Controller, Hierarchy>;
  /** The controllers that `places` lacks. */
  readonly unusable: ReadonlyMap<Controller, Unusable>;
  readonly swapLimited: boolean;
  readonly hasSwap: boolean;
}

export const controllers: readonly Controller[] = ['cpu', 'cpuacct', 'memory', 'pids'];

const privileged = 'run jailctl on the host itself, or in a container with writable cgroups';

function processesInside(root: string): Unusable {
  return {
    why: `${root} holds processes, and so it may not hand on controllers (cgroups(7), "no internal processes")`,
    remedy: `move them into a group of their own: mkdir ${root}/init, and write each number of ${root}/cgroup.procs to ${root}/init/cgroup.procs`,
  };
}

/** What write(2) to cgroup.subtree_control says, for a person. */
function explainRefusal(error: unknown, root: string): Unusable {
  if (isErrno(error, 'EBUSY')) return processesInside(root);
  const message = error instanceof Error ? error.message : String(error);
  return { why: `${root}/cgroup.subtree_control: ${message}`, remedy: privileged };
}

/** What can be seen without a try. */
function visibleFault(unified: Hierarchy, controller: Controller): Unusable | undefined {
  const root = unified.mountPoint;
  if (unified.readOnly) return { why: `${root} is mounted read-only`, remedy: privileged };
  if (words(`${root}/cgroup.controllers`).includes(controller)) return undefined;
  return {
    why: `${root}/cgroup.controllers does not name ${controller}`,
    remedy:
      'let the kernel have it (cgroup_enable on its command line), and the groups above hand it on',
  };
}

/** Every group of version 2 has cpu.stat, whatever its controllers. */
const isEverywhere = (controller: Controller) => controller === 'cpuacct';

function handOnController(unified: Hierarchy, controller: Controller): Unusable | undefined {
  if (isEverywhere(controller)) return undefined;
  const fault = visibleFault(unified, controller);
  if (fault !== undefined) return fault;
  try {
    handOn(unified.mountPoint, [controller]);
    return undefined;
  } catch (error) {
    return explainRefusal(error, unified.mountPoint);
  }
}

/** Would it be handed on? Only the kernel's own root group, which has no type, may hold processes. */
function foreseeController(unified: Hierarchy, controller: Controller): Unusable | undefined {
  if (isEverywhere(controller)) return undefined;
  const root = unified.mountPoint;
  const isDone = words(`${root}/cgroup.subtree_control`).includes(controller);
  const isBusy = existsSync(`${root}/cgroup.type`) && words(`${root}/cgroup.procs`).length > 0;
  const fault = visibleFault(unified, controller);
  return fault ?? (!isDone && isBusy ? processesInside(root) : undefined);
}

/** The kernel has no file that tells, but in a group that is not the root. */
function unifiedLimitsSwap(root: string): boolean {
  const group = `${root}/${runsGroup}`;
  try {
    mkdirSync(group, { recursive: true });
    const limited = existsSync(`${group}/memory.swap.max`);
    rmdirSync(group);
    return limited;
  } catch (error) {
    // Another run uses it, or has just removed it.
    if (isErrno(error, 'EBUSY', 'ENOTEMPTY')) return existsSync(`${group}/memory.swap.max`);
    if (isErrno(error, 'ENOENT')) return unifiedLimitsSwap(root);
    throw error;
  }
}

function limitsSwap(place: Hierarchy | undefined): boolean {
  if (place === undefined) return false;
  return place.version === 1
    ? existsSync(`${place.mountPoint}/memory.memsw.limit_in_bytes`)
    : unifiedLimitsSwap(place.mountPoint);
}

/** Where each controller is; or why it can't be used, as `ask` says of version 2. */
function findControllers(
  { hierarchies }: CgroupLayout,
  ask: (unified: Hierarchy, controller: Controller) => Unusable | undefined,
): Pick<Cgroups, 'places' | 'unusable'> {
  const unified = hierarchies.find(({ version }) => version === 2);
  const places = new Map<Controller, Hierarchy>();
  const unusable = new Map<Controller, Unusable>();
  for (const controller of controllers) {
    const place = hierarchies.find((one) => one.controllers.includes(controller));
    if (place !== undefined && !place.readOnly) {
      places.set(controller, place);
    } else if (place !== undefined) {
      unusable.set(controller, {
        why: `${place.mountPoint} is mounted read-only`,
        remedy: privileged,
      });
    } else if (unified !== undefined) {
      const problem = ask(unified, controller);
      if (problem === undefined) places.set(controller, unified);
      else unusable.set(controller, problem);
    } else {
      unusable.set(controller, {
        why: `no cgroup hierarchy with the controller ${controller} is mounted`,
        remedy: 'mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup',
      });
    }
  }
  return { places, unusable };
}

function readLayout(): CgroupLayout {
  return parseCgroupLayout(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
}

/**
 * Finds out what runs can use. In version 2 it hands on the controllers from the root, which
 * systemd mostly has done before.
 */
export function openCgroups(): Cgroups {
  const layout = readLayout();
  const { places, unusable } = findControllers(layout, handOnController);
  const hasSwap = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1;
  return {
    mode: layout.mode,
    hierarchies: layout.hierarchies.filter(({ readOnly }) => !readOnly),
    places,
    unusable,
    swapLimited: hasSwap && limitsSwap(places.get('memory')),
    hasSwap,
  };
}

/** The same, as far as looking tells: nothing is handed on. */
export function foreseeCgroups(): Pick<Cgroups, 'mode' | 'unusable'> {
  const layout = readLayout();
  return { mode: layout.mode, unusable: findControllers(layout, foreseeController).unusable };
}
