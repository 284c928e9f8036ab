import { allowedCalls } from '../../run/system-calls.ts';
import type { ConfigEdit, Mutation } from '../mutation.ts';

/** As `exec --tty` has it: programs can make terminals. */
const terminals: ConfigEdit = {
  append: 'mounts',
  value: {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
  },
};

const everyRequest: ConfigEdit = {
  append: 'linux.seccomp.syscalls',
  value: { names: ['ioctl'], action: 'SCMP_ACT_ALLOW' },
};

const bit32 = 2 ** 32;

/** A filter that compares requests as 64-bit numbers lets those pass that have a higher bit. */
const higherBits: ConfigEdit = {
  append: 'linux.seccomp.syscalls',
  value: {
    names: ['ioctl'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 1, value: bit32, valueTwo: bit32, op: 'SCMP_CMP_MASKED_EQ' }],
  },
};

const sets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];

/** Where dev.tty.legacy_tiocsti is 0, only who has it may use TIOCSTI (since Linux 6.2). */
const capable: ConfigEdit = {
  set: 'process.capabilities',
  value: Object.fromEntries(sets.map((set) => [set, ['CAP_SYS_ADMIN']])),
};

/** The calls that are allowed are the first rule of the filter (seccompFilter). */
const noSetsid: ConfigEdit = {
  set: 'linux.seccomp.syscalls.0.names',
  value: allowedCalls.filter((name) => name !== 'setsid'),
};

export const terminalMutations: readonly Mutation[] = [
  {
    id: 'every-ioctl',
    title: 'the filter allows every request of ioctl',
    caughtBy: [
      'terminal/tiocsti',
      'terminal/tiocsti-higher-bit',
      'terminal/tioclinux',
      'terminal/tiocsetd',
    ],
    change: { on: 'runs', edits: [everyRequest] },
  },
  {
    id: 'ioctl-of-64-bits',
    title: 'the filter compares requests of ioctl as 64-bit numbers',
    caughtBy: ['terminal/tiocsti-higher-bit'],
    change: { on: 'runs', edits: [higherBits] },
  },
  {
    id: 'no-session',
    title: 'process 1 of a run can begin no session for the program',
    caughtBy: ['terminal/session'],
    change: { on: 'runs', edits: [noSetsid] },
  },
  {
    id: 'terminals-mounted',
    title: 'every run can make terminals',
    caughtBy: ['terminal/open'],
    change: { on: 'runs', edits: [terminals] },
  },
  {
    id: 'input-pushed',
    title: 'every run can make terminals and push input into them',
    caughtBy: ['terminal/push-input'],
    change: { on: 'runs', edits: [terminals, everyRequest, capable] },
  },
];
