import { describe, expect, test } from 'vitest';
import { parseCgroupLayout } from '../../src/host/cgroup-layout.ts';

/** What /proc/self/mountinfo and /proc/self/cgroup say on hosts of several kinds, shortened. */
const hosts = {
  'Debian 12 with systemd': {
    mountinfo: `
25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
34 25 0:28 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
35 25 0:29 / /sys/fs/pstore rw,nosuid,nodev,noexec,relatime shared:11 - pstore pstore rw`,
    cgroup: '0::/user.slice/user-0.slice/session-3.scope\n',
  },
  'hybrid without systemd': {
    mountinfo: `
10 31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
11 32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
12 33 31 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
20 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`.replace(/^\d+ /gm, ''),
    cgroup: '4:memory:/agent\n1:cpu:/\n0::/\n',
  },
  'systemd with version 1': {
    mountinfo: `
33 24 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
35 33 0:30 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
39 33 0:34 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,cpu,cpuacct
42 33 0:37 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:19 - cgroup cgroup rw,pids
80 28 0:37 / /var/lib/lxcfs/controllers/pids rw,relatime shared:40 - cgroup pids rw,pids`,
    cgroup: '8:pids:/user.slice\n3:cpuacct,cpu:/user.slice\n1:name=systemd:/user.slice/u\n',
  },
  'a container on version 1': {
    mountinfo: `
714 707 0:62 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
715 714 0:34 /docker/4f1d /sys/fs/cgroup/cpu,cpuacct ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,cpu,cpuacct
717 714 0:37 /docker/4f1d /sys/fs/cgroup/pids ro,nosuid,nodev,noexec,relatime master:19 - cgroup cgroup rw,pids`,
    cgroup: '8:pids:/docker/4f1d\n3:cpu,cpuacct:/docker/4f1d/inner\n1:name=systemd:/docker/4f1d\n',
  },
  'a container on version 2': {
    mountinfo: `
700 690 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate`,
    cgroup: '0::/\n',
  },
  'a process that is not below what is mounted': {
    mountinfo: `
34 25 0:28 /a\\040b /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw`,
    cgroup: '0::/a bc\n',
  },
  'no cgroups': { mountinfo: '25 30 0:23 / /sys rw - sysfs sysfs rw\n', cgroup: '0::/\n' },
} as const;

const layoutOf = (name: keyof typeof hosts) =>
  parseCgroupLayout(hosts[name].mountinfo, hosts[name].cgroup);

describe('the layout of cgroups', () => {
  test.for([
    ['Debian 12 with systemd', 'v2'],
    ['hybrid without systemd', 'hybrid'],
    ['systemd with version 1', 'v1'],
    ['a container on version 1', 'v1'],
    ['a container on version 2', 'v2'],
    ['no cgroups', 'none'],
  ] as const)('is of the right kind on %s', ([name, mode]) => {
    expect(layoutOf(name).mode).toBe(mode);
  });

  test('has one hierarchy with systemd on version 2', () => {
    expect(layoutOf('Debian 12 with systemd').hierarchies).toEqual([
      {
        version: 2,
        controllers: [],
        mountPoint: '/sys/fs/cgroup',
        ownGroup: '/sys/fs/cgroup/user.slice/user-0.slice/session-3.scope',
        readOnly: false,
      },
    ]);
  });

  test('names the own group in each hierarchy of a hybrid host', () => {
    const groups = layoutOf('hybrid without systemd').hierarchies.map((one) => one.ownGroup);
    expect(groups).toEqual([
      '/sys/fs/cgroup/memory/agent',
      '/sys/fs/cgroup/cpu',
      '/sys/fs/cgroup/unified',
    ]);
  });

  test('finds controllers that share a hierarchy, in whatever order they are named', () => {
    const shared = layoutOf('systemd with version 1').hierarchies[1];
    expect(shared).toMatchObject({
      controllers: ['cpuacct', 'cpu'],
      mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
    });
  });

  test('takes the usual place of a hierarchy that is mounted twice', () => {
    expect(layoutOf('systemd with version 1').hierarchies[0]?.mountPoint).toBe(
      '/sys/fs/cgroup/pids',
    );
  });

  test('knows the hierarchy that only systemd uses', () => {
    const named = layoutOf('systemd with version 1').hierarchies[2];
    expect(named?.controllers).toEqual(['name=systemd']);
  });

  test('sees that a container may not write, and where in the mount it is', () => {
    const { hierarchies } = layoutOf('a container on version 1');
    expect(hierarchies.map(({ readOnly }) => readOnly)).toEqual([true, true]);
    expect(hierarchies.map(({ ownGroup }) => ownGroup)).toEqual([
      '/sys/fs/cgroup/pids',
      '/sys/fs/cgroup/cpu,cpuacct/inner',
    ]);
  });

  test('leaves out hierarchies that are not mounted', () => {
    const all = layoutOf('a container on version 1').hierarchies;
    expect(all.flatMap(({ controllers }) => controllers)).not.toContain('name=systemd');
  });

  test('does not take a group for one whose name begins the same', () => {
    const [only] = layoutOf('a process that is not below what is mounted').hierarchies;
    expect(only).not.toHaveProperty('ownGroup');
  });
});
