import type { Reader } from '../../model/reader.ts';
import { type Check, type Finding, finding } from '../check.ts';

/** What a run is held in, by the names of /proc/self/ns and of /proc/sys/user (namespaces(7)). */
const namespaces = ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'] as const;

function namespaceFindings(reader: Reader): readonly Finding[] {
  return namespaces.flatMap((name) => {
    if (reader.lstat(`/proc/self/ns/${name}`) === undefined) {
      const does = 'needs a kernel that is built with it: see namespaces(7)';
      return finding('problem', `the kernel has no namespaces of the type ${name}`, [{ does }]);
    }
    const setting = `/proc/sys/user/max_${name}_namespaces`;
    if (reader.readText(setting)?.trim() !== '0') return [];
    const command = `sysctl --write user.max_${name}_namespaces=10000`;
    return finding('problem', `${setting} is 0, so no run gets one`, [
      { does: 'allows some', command },
    ]);
  });
}

/** What the filter of system calls does: it refuses calls, or ends the program (seccomp(2)). */
const actions = ['errno', 'kill_process'];

function seccompFindings(reader: Reader): readonly Finding[] {
  const path = '/proc/sys/kernel/seccomp/actions_avail';
  const text = reader.readText(path);
  const available = (text ?? '').split(/\s+/);
  const missing = actions.filter((action) => !available.includes(action));
  if (missing.length === 0) return [];
  const message =
    text === undefined
      ? `the kernel can't filter system calls: it has no ${path}`
      : `the filter of system calls lacks ${missing.join(' and ')}`;
  return [
    finding('problem', message, [
      { does: 'needs Linux 4.14 or later, built with CONFIG_SECCOMP_FILTER' },
      { does: 'lets runs go without it, which is weaker', manifest: 'optional: [seccomp]' },
    ]),
  ];
}

/** A module that is not loaded is not listed; to mount one loads it. */
function overlayFindings(reader: Reader): readonly Finding[] {
  const listed = /\toverlay$/m.test(reader.readText('/proc/filesystems') ?? '');
  if (listed) return [];
  const modprobe = ['modprobe', '--dry-run', '--quiet', 'overlay'] as const;
  if (reader.which('modprobe') !== undefined && reader.query(modprobe).status === 0) return [];
  return [
    finding('warning', 'no overlayfs, which rehearse and verify --mutate make their hosts with', [
      { does: 'loads it, where the kernel has it as a module', command: 'modprobe overlay' },
    ]),
  ];
}

export const kernelCheck: Check = {
  id: 'kernel',
  title: 'features of the kernel',
  examine: ({ reader }) => [
    ...namespaceFindings(reader),
    ...seccompFindings(reader),
    ...overlayFindings(reader),
  ],
};
