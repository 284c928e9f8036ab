import type { Probe } from '../../probe.ts';
import { withoutFilter } from '../common.ts';
import { refuseCalls } from './calls.ts';

/** A probe of calls that must all be refused. */
interface Refusal extends Pick<Probe, 'id' | 'title' | 'severity' | 'gain' | 'weakOn' | 'moot'> {
  readonly calls: readonly string[];
  /** Absent: of capabilities. */
  readonly layer?: string;
  readonly expected?: string;
}

const filterRemedy =
  'a runtime and a kernel with seccomp filters, and no call added to the allow-list';

function refusal({ calls, ...texts }: Refusal): Probe {
  const isOfFilter = texts.layer === 'seccomp';
  return {
    layer: 'no_capabilities',
    expected: 'EPERM or ENOSYS',
    control: isOfFilter
      ? 'outside the jail the same user does it, or else root'
      : 'outside the jail, root gets past the check of rights',
    remedy: isOfFilter ? filterRemedy : 'give the run no capabilities, and keep the seccomp filter',
    ...texts,
    attempt: (range) => refuseCalls(range, calls),
  };
}

const namespace = {
  user: '0x10000000',
  mount: '0x20000',
  pid: '0x20000000',
  network: '0x40000000',
  ipc: '0x8000000',
  uts: '0x4000000',
  cgroup: '0x2000000',
  time: '0x80',
};

/** With the signal that the parent gets (SIGCHLD); of clone3, 64 bits each in a structure. */
const clones = (label: string, flag: string) => [
  `clone:clone-${label} ${Number(flag) + 17} 0 0 0 0`,
  `clone3:clone3-${label} #${flag},0,0,0,0,0,0,0,17 64`,
];

const { user, ...others } = namespace;

/** Which machine the number of a call means something else on. */
const otherNumbers = 'only x86-64 has system calls by other numbers';
const mootElsewhere = () => (process.arch === 'x64' ? undefined : otherNumbers);

/** What the kernel does for whom, and must not do for a jail. */
export const kernelProbes: readonly Probe[] = [
  refusal({
    id: 'privilege/user-namespace',
    title: 'makes a user namespace, by unshare, clone or clone3',
    severity: 'high',
    layer: 'seccomp',
    weakOn: withoutFilter,
    calls: [`unshare:unshare-user ${user}`, ...clones('user', user)],
    gain: 'all capabilities in the new namespace, and with them the larger part of the kernel to attack (CVE-2022-0185)',
  }),
  refusal({
    id: 'privilege/namespaces',
    title: 'makes a mount, PID, network, IPC, UTS, cgroup or time namespace',
    severity: 'high',
    calls: [
      ...Object.entries(others).map(([name, flag]) => `unshare:unshare-${name} ${flag}`),
      ...clones('mount', namespace.mount),
    ],
    gain: 'mounts and networks of its own, and what the kernel does wrong with them (CVE-2022-0492)',
  }),
  refusal({
    id: 'privilege/enter-namespace',
    title: 'enters a namespace by setns',
    severity: 'high',
    calls: ['mount', 'network', 'uts', 'ipc'].map(
      (name) => `setns:setns-${name} pidfd ${namespace[name as keyof typeof namespace]}`,
    ),
    gain: 'what another run or the host has, given a descriptor of one of its processes',
  }),
  refusal({
    id: 'privilege/bpf',
    title: 'makes a BPF map',
    severity: 'high',
    calls: ['bpf 0 #2,4,4,1 64'],
    gain: 'its own programs in the kernel (CVE-2021-3490)',
  }),
  refusal({
    id: 'privilege/perf-events',
    title: 'opens a performance counter of itself',
    severity: 'medium',
    layer: 'seccomp',
    weakOn: withoutFilter,
    calls: ['perf_event_open #1,64,0,0,0,0,0,0,0,0,0x61 0 -1 -1 0'],
    gain: 'exact times, to read secrets by the caches, and a part of the kernel with many faults (CVE-2013-2094)',
  }),
  refusal({
    id: 'privilege/userfaultfd',
    title: 'handles its own page faults',
    severity: 'medium',
    layer: 'seccomp',
    weakOn: withoutFilter,
    calls: ['userfaultfd 1'],
    gain: 'it stops the kernel in the middle of a copy, and so wins races in exploits',
  }),
  refusal({
    id: 'privilege/kernel-modules',
    title: 'loads a kernel module, or another kernel',
    severity: 'critical',
    calls: [
      'init_module null 0 null',
      'finit_module -1 null 0',
      'delete_module null 0',
      'kexec_load 0 1000 null 0x8000',
      'kexec_file_load -1 -1 0 null 0x8000',
    ],
    gain: 'code of its own in the kernel: the whole machine',
  }),
  refusal({
    id: 'privilege/machine',
    title: 'reboots, sets swap or accounting, or silences the kernel log',
    severity: 'critical',
    calls: [
      'reboot 0 0 0 null',
      'swapon null 0',
      'swapoff null',
      'acct @/jailctl/no/such/file',
      'syslog 8 null 0',
    ],
    gain: 'the machine stops for everybody',
  }),
  refusal({
    id: 'privilege/clock',
    title: 'sets the clock of the machine',
    severity: 'high',
    // Without a time, and with a length of the tick that no clock has.
    calls: ['settimeofday null null', 'adjtimex #0x4000', 'clock_adjtime 0 #0x4000'],
    gain: 'certificates, tokens and logs of the whole machine go wrong',
  }),
  refusal({
    id: 'privilege/set-names',
    title: 'sets the name of the machine or of its domain',
    severity: 'medium',
    calls: ['sethostname #0 -1', 'setdomainname #0 -1'],
    gain: 'programs that trust the name are led astray',
  }),
  refusal({
    id: 'privilege/hardware',
    title: 'gets at the ports of the hardware: iopl, ioperm',
    severity: 'critical',
    moot: mootElsewhere,
    calls: ['iopl 3', 'ioperm 0 1 1'],
    gain: 'disks and other devices, past the kernel',
  }),
  refusal({
    id: 'privilege/filtered-calls',
    title: 'reaches calls of the kernel that no program of a jail needs',
    severity: 'medium',
    layer: 'seccomp',
    weakOn: withoutFilter,
    calls: [
      ...['ptrace 0 0 0 0', 'process_vm_readv self null 0 null 0 0', 'kcmp self self 0 0 0'],
      ...['process_madvise -1 null 0 0 0', 'pidfd_getfd -1 0 0', 'fanotify_init 0x200 0'],
      ...['io_setup 0 null', 'vmsplice -1 null 0 0', 'memfd_secret 0', 'modify_ldt 0 #0 16'],
      ...['get_mempolicy null null 0 null 0', 'mbind null 0 0 null 0 0', 'ioprio_set 1 0 0x4000'],
      ...['quotactl 0x80000000 null 0 null', 'ustat 0 null', 'sysfs 3', 'clock_settime 0 null'],
      'personality 0x40000',
    ],
    gain: 'seldom used code of the kernel, where its faults are',
  }),
  refusal({
    id: 'privilege/32-bit-calls',
    title: 'makes a system call of 32-bit code (int 0x80)',
    severity: 'high',
    layer: 'seccomp',
    expected: 'SIGSYS',
    weakOn: withoutFilter,
    moot: mootElsewhere,
    calls: ['i386-20:i386-getpid'],
    gain: 'every call that a filter refuses by its 64-bit number',
  }),
  refusal({
    id: 'privilege/x32-calls',
    title: 'makes a system call by its x32 number',
    severity: 'high',
    layer: 'seccomp',
    expected: 'SIGSYS or ENOSYS',
    weakOn: withoutFilter,
    moot: mootElsewhere,
    calls: ['x32-39:x32-getpid'],
    gain: 'every call that a filter refuses by its 64-bit number',
  }),
];
