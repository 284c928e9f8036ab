import type { OciArchitecture, OciSeccomp, OciSyscallArgument, OciSyscallRule } from './oci.ts';
import { allowedCalls, deniedCalls } from './system-calls.ts';

/**
 * The system call filter of a run: an allow-list (seccomp(2)).
 *
 * - A call that the list allows works.
 * - A call that is refused on purpose fails with EPERM, which programs report as what it is.
 * - Every other call fails with ENOSYS, as on a kernel that does not have it: for calls that are
 *   younger than this list, a C library has a fallback, but takes it on ENOSYS only.
 * - Calls of another architecture (32-bit code, x32) kill the program: libseccomp does so for every
 *   architecture that is not named.
 *
 * Everything is said by rules that allow and don't overlap, so that no order of rules matters.
 */

const eperm = 1;
const enosys = 38;

/** The C type of an argument is a 32-bit one: the kernel ignores the other half, so must a rule. */
const low32 = 0xffff_ffff;

const af = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
/** socket(2): the type shares its argument with flags above it. */
const socketTypeMask = 0xf;
const sock = { stream: 1, datagram: 2 } as const;
const ipproto = { any: 0, icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
const netlinkRoute = 0;

/** clone(2): CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespaces = 0x7e02_0000;

/**
 * Huge pages from the pool of the host (hugetlbfs), which no memory cgroup counts: MAP_HUGETLB,
 * MFD_HUGETLB and SHM_HUGETLB, with the numbers of asm-generic.
 */
export const hugePages = {
  mmap: { index: 3, flag: 0x4_0000 },
  memfd_create: { index: 1, flag: 0x4 },
  shmget: { index: 2, flag: 0x800 },
} as const;

/** personality(2): plain Linux, and the question which one it is. */
const personalities = [0, 0xffff_ffff];

/**
 * ioctl(2) requests that are refused, with the numbers of asm-generic/ioctls.h.
 * TIOCSTI, TIOCLINUX: push input into the terminal of the caller (CVE-2017-5226, CVE-2023-28100).
 * TIOCSETD: loads line disciplines, which unprivileged programs have broken the kernel with
 * (CVE-2017-2636, CVE-2023-6546).
 */
export const refusedRequests: Readonly<Record<string, number>> = {
  TIOCSTI: 0x5412,
  TIOCLINUX: 0x541c,
  TIOCSETD: 0x5423,
};

function masked(index: number, mask: number, wanted: number): OciSyscallArgument {
  return { index, value: mask, valueTwo: wanted, op: 'SCMP_CMP_MASKED_EQ' };
}

function allow(name: string, ...args: readonly OciSyscallArgument[]): OciSyscallRule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args };
}

interface Pattern {
  readonly mask: number;
  readonly wanted: number;
}

/**
 * Patterns of which exactly one matches each 32-bit number that is not in `refused`, and none the
 * others. libseccomp has no "not equal" under a mask, and a plain one compares all 64 bits, where
 * the kernel looks at 32: a caller passed it by setting a higher bit (CVE-2019-10063).
 */
export function allNumbersBut(refused: readonly number[]): readonly Pattern[] {
  const patterns: Pattern[] = [];
  // Halve the numbers, as a routing table does, until a half holds no refused one.
  const visit = (prefix: number, bits: number): void => {
    const size = 2 ** (32 - bits);
    const wanted = prefix * size;
    if (!refused.some((number) => number >= wanted && number < wanted + size)) {
      patterns.push({ mask: 2 ** 32 - size, wanted });
    } else if (bits < 32) {
      visit(prefix * 2, bits + 1);
      visit(prefix * 2 + 1, bits + 1);
    }
  };
  visit(0, 0);
  return patterns;
}

/**
 * Streams and datagrams of TCP, UDP and ping. Other families and protocols make the kernel load a
 * module that hardly anybody uses, and that unprivileged programs have broken it with: DCCP
 * (CVE-2017-6074), AF_PACKET (CVE-2016-8655), SCTP, L2TP (CVE-2022-4129), AF_ALG, TIPC
 * (CVE-2021-43267), AF_VSOCK (which also reaches the machine's host).
 */
function sockets(network: boolean): readonly OciSyscallRule[] {
  const internet = [af.inet, af.inet6].flatMap((family) =>
    (
      [
        [sock.stream, ipproto.any],
        [sock.stream, ipproto.tcp],
        [sock.datagram, ipproto.any],
        [sock.datagram, ipproto.udp],
        [sock.datagram, family === af.inet ? ipproto.icmp : ipproto.icmpv6],
      ] as const
    ).map(([type, protocol]) =>
      allow(
        'socket',
        masked(0, low32, family),
        masked(1, socketTypeMask, type),
        masked(2, low32, protocol),
      ),
    ),
  );
  return [
    allow('socket', masked(0, low32, af.unix)),
    allow('socketpair', masked(0, low32, af.unix)),
    ...internet,
    // getaddrinfo(3) asks so which addresses the host has. Without a network there is no question.
    ...(network
      ? [allow('socket', masked(0, low32, af.netlink), masked(2, low32, netlinkRoute))]
      : []),
  ];
}

export interface SeccompNeeds {
  readonly architecture: OciArchitecture;
  /** May the jail reach anything? */
  readonly network: boolean;
}

/** The filter for one run. */
export function seccompFilter({ architecture, network }: SeccompNeeds): OciSeccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: enosys,
    architectures: [architecture],
    syscalls: [
      { names: allowedCalls, action: 'SCMP_ACT_ALLOW' },
      {
        names: deniedCalls.flatMap(({ calls }) => calls),
        action: 'SCMP_ACT_ERRNO',
        errnoRet: eperm,
      },
      // clone3 is on neither list: it has its flags in memory, where a filter can't look, and every
      // C library falls back to clone.
      allow('clone', masked(0, newNamespaces, 0)),
      ...Object.entries(hugePages).map(([name, { index, flag }]) =>
        allow(name, masked(index, flag, 0)),
      ),
      ...personalities.map((one) => allow('personality', masked(0, low32, one))),
      ...allNumbersBut(Object.values(refusedRequests)).map(({ mask, wanted }) =>
        allow('ioctl', masked(1, mask, wanted)),
      ),
      ...sockets(network),
    ],
  };
}
