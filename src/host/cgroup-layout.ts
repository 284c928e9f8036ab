import type { CgroupMode } from '../model/run-facts.ts';
import { unescapePath } from './mountinfo.ts';

/** One cgroup hierarchy that is mounted here, as cgroups(7) describes them. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Of version 1: `['cpu', 'cpuacct']`, `['name=systemd']`. Empty for version 2: see its files. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The directory of the group that this process is in; absent when it is not mounted here. */
  readonly ownGroup?: string;
  readonly readOnly: boolean;
}

export interface CgroupLayout {
  readonly mode: CgroupMode;
  readonly hierarchies: readonly Hierarchy[];
}

interface Mount {
  readonly root: string;
  readonly mountPoint: string;
  readonly readOnly: boolean;
  readonly type: string;
  readonly superOptions: readonly string[];
}

function parseMount(line: string): Mount[] {
  const [front = '', back = ''] = line.split(' - ');
  const [, , , root = '', mountPoint = '', options = ''] = front.split(' ');
  const [type = '', , superOptions = ''] = back.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  return [
    {
      root: unescapePath(root),
      mountPoint: unescapePath(mountPoint),
      readOnly: options.split(',').includes('ro'),
      type,
      superOptions: superOptions.split(','),
    },
  ];
}

/**
 * The directory of the group `path`, or nothing where the mount does not show it: a container
 * without a cgroup namespace sees paths of its host.
 */
function directoryOf({ root, mountPoint }: Mount, path: string): string | undefined {
  if (root === '/') return path === '/' ? mountPoint : `${mountPoint}${path}`;
  if (path !== root && !path.startsWith(`${root}/`)) return undefined;
  return `${mountPoint}${path.slice(root.length)}`;
}

/** lxcfs and others mount hierarchies elsewhere a second time; the runtimes use this place. */
const usualPlace = /^\/sys\/fs\/cgroup(?:\/|$)/;

/**
 * @param mountinfo text of /proc/self/mountinfo
 * @param ownGroups text of /proc/self/cgroup: `4:memory:/user.slice`, `0::/user.slice`
 */
export function parseCgroupLayout(mountinfo: string, ownGroups: string): CgroupLayout {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const hierarchies = ownGroups.split('\n').flatMap((line): Hierarchy[] => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) return [];
    const controllers = (match[1] ?? '').split(',').filter(Boolean);
    const version = controllers.length === 0 ? 2 : 1;
    const candidates = mounts.filter(({ type, superOptions }) =>
      version === 2
        ? type === 'cgroup2'
        : type === 'cgroup' && controllers.every((one) => superOptions.includes(one)),
    );
    const mount = candidates.find(({ mountPoint }) => usualPlace.test(mountPoint)) ?? candidates[0];
    if (mount === undefined) return [];
    const ownGroup = directoryOf(mount, match[2] ?? '/');
    return [
      {
        version,
        controllers,
        mountPoint: mount.mountPoint,
        ...(ownGroup === undefined ? {} : { ownGroup }),
        readOnly: mount.readOnly,
      },
    ];
  });
  const hasController = hierarchies.some(({ controllers }) =>
    controllers.some((one) => !one.startsWith('name=')),
  );
  const hasUnified = hierarchies.some(({ version }) => version === 2);
  const mode = hasController ? (hasUnified ? 'hybrid' : 'v1') : hasUnified ? 'v2' : 'none';
  return { mode, hierarchies };
}
