import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OciSeccomp } from '../../src/run/oci.ts';
import { allNumbersBut, refusedRequests, seccompFilter } from '../../src/run/seccomp.ts';
import { allowedCalls, deniedCalls } from '../../src/run/system-calls.ts';

const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'] as const;
const deniedNames = deniedCalls.flatMap(({ calls }) => calls);

/** What the filter answers, as libseccomp reads it: the first rule that matches, or the default. */
function answer(filter: OciSeccomp, name: string, ...args: readonly bigint[]): 'allowed' | number {
  const rule = filter.syscalls.find(
    (one) =>
      one.names.includes(name) &&
      (one.args ?? []).every(
        ({ index, value, valueTwo }) => ((args[index] ?? 0n) & BigInt(value)) === BigInt(valueTwo),
      ),
  );
  if (rule?.action === 'SCMP_ACT_ALLOW') return 'allowed';
  return rule?.errnoRet ?? filter.defaultErrnoRet;
}

const filterOf = (network: boolean) => seccompFilter({ architecture: 'SCMP_ARCH_X86_64', network });
const closed = filterOf(false);
const open = filterOf(true);

const EPERM = 1;
const ENOSYS = 38;

/** A bit above the 32 that the kernel looks at. */
const above = 1n << 32n;

describe('the lists of system calls', () => {
  test('name each call once', () => {
    const special = ['clone', 'clone3', 'ioctl', 'personality', 'socket', 'socketpair'];
    const all = [...allowedCalls, ...deniedNames, ...special];
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
    expect(all.filter((name) => !/^[a-z0-9_]+$/.test(name))).toEqual([]);
    expect(allowedCalls.length).toBeGreaterThan(200);
  });

  test('say for each group why it is denied', () => {
    for (const { calls, why } of deniedCalls) {
      expect(calls.length).toBeGreaterThan(0);
      expect(why.length, calls.join(' ')).toBeGreaterThan(20);
    }
  });
});

describe.for(architectures)('the filter for %s', (architecture) => {
  const filter = seccompFilter({ architecture, network: true });

  test('is for that architecture alone: no 32-bit code, no x32', () => {
    expect(filter.architectures).toEqual([architecture]);
  });

  test('allows by name, denies by name, and hides the rest', () => {
    for (const name of allowedCalls) expect(answer(filter, name), name).toBe('allowed');
    for (const name of deniedNames) expect(answer(filter, name), name).toBe(EPERM);
    expect(answer(filter, 'a_call_of_tomorrow')).toBe(ENOSYS);
    expect(answer(filter, 'clone3')).toBe(ENOSYS);
  });

  test('has no two rules for the same arguments of a call that say different things', () => {
    for (const { names, action, args } of filter.syscalls) {
      if (args === undefined) continue;
      expect(action).toBe('SCMP_ACT_ALLOW');
      const unconditional = filter.syscalls.filter((one) => one.args === undefined);
      for (const one of unconditional) {
        expect(one.names.filter((name) => names.includes(name))).toEqual([]);
      }
    }
  });
});

describe.for([
  ['keyrings', 'add_key request_key keyctl'],
  ['other processes', 'ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp'],
  ['the kernel', 'bpf perf_event_open userfaultfd init_module finit_module kexec_load syslog'],
  ['asynchronous queues', 'io_uring_setup io_uring_enter io_uring_register io_setup io_submit'],
  ['mounts', 'mount umount2 pivot_root chroot fsopen fsmount move_mount open_tree mount_setattr'],
  ['namespaces', 'unshare setns'],
  ['file handles', 'open_by_handle_at name_to_handle_at fanotify_init'],
  ['the machine', 'reboot swapon swapoff acct quotactl sethostname setdomainname iopl ioperm'],
  ['the clock', 'settimeofday clock_settime adjtimex clock_adjtime'],
  ['odd memory', 'modify_ldt memfd_secret mbind move_pages migrate_pages set_mempolicy vmsplice'],
])('calls about %s', ([, names = '']) => {
  test.for(names.split(' '))('%s is denied', (name) => {
    expect(answer(closed, name)).toBe(EPERM);
    expect(answer(open, name)).toBe(EPERM);
  });
});

describe('clone', () => {
  const threadFlags = 0x3d0f00n;
  const newUser = 0x10000000n;

  test('makes processes and threads', () => {
    expect(answer(closed, 'clone', 17n)).toBe('allowed');
    expect(answer(closed, 'clone', threadFlags)).toBe('allowed');
  });

  test.for([0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, newUser, 0x20000000n, 0x40000000n])(
    'makes no namespace: flag %i',
    (flag) => {
      expect(answer(closed, 'clone', flag | 17n)).toBe(ENOSYS);
      expect(answer(closed, 'clone', above | flag | threadFlags)).toBe(ENOSYS);
    },
  );
});

describe('ioctl', () => {
  test.for(Object.entries(refusedRequests))('refuses %s, also with a bit above', ([, request]) => {
    const number = BigInt(request);
    for (const high of [0n, above, 0xffffffffn << 32n]) {
      expect(answer(closed, 'ioctl', 0n, high | number)).toBe(ENOSYS);
    }
  });

  test('allows every other request', () => {
    const refused = Object.values(refusedRequests);
    const request = fc.oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 0x5400, max: 0x5480 }),
    );
    fc.assert(
      fc.property(request, fc.bigInt({ min: 0n, max: 0xffff_ffffn }), (number, high) => {
        const got = answer(closed, 'ioctl', 1n, (high << 32n) | BigInt(number));
        expect(got).toBe(refused.includes(number) ? ENOSYS : 'allowed');
      }),
    );
  });
});

test('patterns match each number once, but those that are left out', () => {
  const number = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(fc.array(number, { maxLength: 8 }), number, (refused, asked) => {
      const patterns = allNumbersBut(refused);
      const matches = (of: number) =>
        patterns.filter(({ mask, wanted }) => (of & mask) >>> 0 === wanted).length;
      for (const one of refused) expect(matches(one)).toBe(0);
      expect(matches(asked)).toBe(refused.includes(asked) ? 0 : 1);
    }),
  );
});

describe('personality', () => {
  test.for([
    [0n, 'allowed'],
    [0xffff_ffffn, 'allowed'],
    [8n, ENOSYS],
    // ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC make exploits easier.
    [0x40000n, ENOSYS],
    [0x400000n, ENOSYS],
    [above | 0x40000n, ENOSYS],
  ] as const)('%i', ([persona, expected]) => {
    expect(answer(closed, 'personality', persona)).toBe(expected);
  });
});

describe('socket', () => {
  const flags = 0o2004000n;

  test.for([
    ['unix stream', 1n, 1n, 0n],
    ['unix datagram', 1n, 2n, 0n],
    ['tcp', 2n, 1n, 0n],
    ['tcp by name', 2n, 1n, 6n],
    ['tcp over IPv6, close on exec, not blocking', 10n, 1n | flags, 6n],
    ['udp', 2n, 2n, 17n],
    ['ping', 2n, 2n, 1n],
    ['ping over IPv6', 10n, 2n, 58n],
  ] as const)('makes %s', ([, family, type, protocol]) => {
    expect(answer(closed, 'socket', family, type, protocol)).toBe('allowed');
    expect(answer(open, 'socket', family, type, protocol)).toBe('allowed');
  });

  test.for([
    ['raw', 2n, 3n, 1n],
    ['SCTP', 2n, 1n, 132n],
    ['DCCP', 2n, 6n, 33n],
    ['L2TP', 2n, 2n, 115n],
    ['MPTCP', 2n, 1n, 262n],
    ['netlink of the packet filter', 16n, 3n, 12n],
    ['packet', 17n, 3n, 0n],
    ['TIPC', 30n, 1n, 0n],
    ['AF_ALG', 38n, 5n, 0n],
    ['vsock', 40n, 1n, 0n],
    ['vsock, with a bit above', above | 40n, 1n, 0n],
  ] as const)('makes no %s', ([, family, type, protocol]) => {
    expect(answer(closed, 'socket', family, type, protocol)).toBe(ENOSYS);
    expect(answer(open, 'socket', family, type, protocol)).toBe(ENOSYS);
  });

  test('asks the kernel about addresses only in a jail that may reach some', () => {
    expect(answer(closed, 'socket', 16n, 3n, 0n)).toBe(ENOSYS);
    expect(answer(open, 'socket', 16n, 3n, 0n)).toBe('allowed');
  });

  test('comes in pairs of unix sockets only', () => {
    expect(answer(closed, 'socketpair', 1n, 1n, 0n)).toBe('allowed');
    expect(answer(closed, 'socketpair', 30n, 1n, 0n)).toBe(ENOSYS);
  });
});
