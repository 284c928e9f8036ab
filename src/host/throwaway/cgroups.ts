import { readFileSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { type Hierarchy, parseCgroupLayout } from '../cgroup-layout.ts';

/** One hierarchy of the real host, of which the throwaway host sees a subtree as the whole. */
export interface CgroupSubtree {
  readonly version: 1 | 2;
  /** Where it is mounted, on both hosts. */
  readonly mountPoint: string;
  /** For mount(8), each after a comma: `,cpu,cpuacct`, `,none,name=systemd`; none for version 2. */
  readonly mountOptions: string;
  /** The group of the real host in which the throwaway host's own is made. */
  readonly parent: string;
}

const mountDirectory = '/sys/fs/cgroup';

/** What a throwaway host must be able to limit, where version 2 has it. */
const neededControllers = ['cpu', 'memory', 'pids'];

function words(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean);
}

/**
 * Version 1: in our own group, so that what limits us limits the throwaway host. In version 2 a
 * group with processes can't give controllers to its children (cgroups(7), "no internal
 * processes"): there it is the group above ours, or else the root.
 */
function parentFor({ version, ownGroup, mountPoint }: Hierarchy): string {
  const own = ownGroup ?? mountPoint;
  if (version === 1) return own;
  const available = words(`${mountPoint}/cgroup.controllers`);
  const needed = neededControllers.filter((one) => available.includes(one));
  const above = own === mountPoint ? own : own.slice(0, own.lastIndexOf('/'));
  for (const candidate of [above, mountPoint]) {
    const enabled = words(`${candidate}/cgroup.subtree_control`);
    if (needed.every((one) => enabled.includes(one))) return candidate;
  }
  const missing = needed.map((one) => `+${one}`).join(' ');
  throw new Failure(`no group of ${mountPoint} hands on the controllers ${needed.join(', ')}`, {
    exitCode: exitCode.missing,
    hint: `as root: echo '${missing}' >${mountPoint}/cgroup.subtree_control`,
  });
}

/**
 * @throws Failure when the host has no cgroups, or its version 2 has none with the controllers that
 *   it could have
 */
export function cgroupSubtrees(): readonly CgroupSubtree[] {
  const { hierarchies } = parseCgroupLayout(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
  const usable = hierarchies.filter(
    ({ mountPoint, readOnly }) =>
      !readOnly && (mountPoint === mountDirectory || mountPoint.startsWith(`${mountDirectory}/`)),
  );
  if (usable.length === 0) {
    throw new Failure(`no cgroup hierarchy is mounted writable on ${mountDirectory}`, {
      exitCode: exitCode.missing,
      hint: 'run it outside of containers, or in a privileged one',
    });
  }
  return usable.map((hierarchy) => {
    const { version, controllers, mountPoint } = hierarchy;
    const isNamed = controllers.every((one) => one.startsWith('name='));
    return {
      version,
      mountPoint,
      mountOptions: [...(version === 1 && isNamed ? ['none'] : []), ...controllers]
        .map((one) => `,${one}`)
        .join(''),
      parent: parentFor(hierarchy),
    };
  });
}

/**
 * Runs the rest of its arguments in groups of its own, and removes these when that has ended,
 * however it ended; its own end comes after that. So it outlives the owner of the throwaway host,
 * who may be killed at any moment.
 *
 * First argument: the parent directories, a line each. In a new cpuset of version 1 nothing runs
 * before it has processors and memory nodes (cpuset(7)). A writer of 0 means itself.
 */
export const cgroupScript = `
set -fu
IFS='
'
name=jailctl-throwaway-$$ parents=$1 made= status=0
shift
for parent in $parents; do
  mkdir "$parent/$name" || { status=1; break; }
  made=$made$parent/$name$IFS
  [ -e "$parent/cpuset.sched_load_balance" ] || continue
  for file in cpuset.cpus cpuset.mems; do cat "$parent/$file" >"$parent/$name/$file"; done
done
if [ $status = 0 ]; then
  (
    for group in $made; do echo 0 >"$group/cgroup.procs" || exit; done
    exec "$@"
  )
  status=$?
fi
for group in $made; do
  # A process that was killed leaves its group a moment later.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir -- {} + 2>/dev/null && break
    sleep 0.$try
  done
done
exit $status
`;

/** The groups in which programs of the throwaway host run, by the PID of the script above. */
export function cgroupsToJoin(subtrees: readonly CgroupSubtree[], script: number): string[] {
  return subtrees.map(({ version, parent }) => {
    const group = `${parent}/jailctl-throwaway-${script}`;
    return version === 2 ? `${group}/init` : group;
  });
}
