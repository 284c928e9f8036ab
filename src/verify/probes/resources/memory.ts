import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, Range, Subject } from '../../range.ts';
import type { Finding } from '../../verdict.ts';
import { mib, ownName, placeOutside } from '../common.ts';
import { ending, limits, noTmp, tryExcess, unless } from './bounds.ts';

const memoryMax = 24 * mib;
/**
 * "Under certain circumstances, the usage may go over the limit temporarily" (cgroup-v2.rst, memory.max):
 * what a killed process still needs is charged too. Measured with cgroup v2 and Linux 6.1: up to 0.1 MiB.
 */
const overshootMax = mib;
/** What is tried to be had: more than the limit, and no burden. */
const wantedBytes = 40 * mib;

function weakMemory({ enforcement }: Subject): string | undefined {
  const { controllers, swapLimited, hasSwap } = enforcement;
  if (!controllers.has('memory')) return 'jailctl can set no memory cgroup on this host';
  if (swapLimited || !hasSwap) return undefined;
  return 'the host has swap, and the kernel does not limit its use';
}

async function fill(range: Range, control: Action, attempt: Action): Promise<Finding> {
  return tryExcess(range, {
    control,
    attempt,
    // Nothing else is to stop it before that.
    inside: { limits: limits({ memory: memoryMax, tmp_size: 64 * mib, file_size: 64 * mib }) },
    judge: (answer) => {
      const { status, memoryPeakBytes } = answer.result;
      if (!['done', 'none', 'ENOMEM'].includes(answer.outcome)) {
        throw new Error(`refused for another reason: ${ending(answer)}`);
      }
      const peak = (memoryPeakBytes / mib).toFixed(1);
      return unless(
        `with a limit of ${memoryMax / mib} MiB: ${ending(answer)}, a peak of ${peak} MiB`,
        answer.outcome === 'done' && `it had ${wantedBytes / mib} MiB`,
        memoryPeakBytes > memoryMax + overshootMax && 'the peak is above the limit',
        answer.outcome === 'none' && status !== 'memory_limit' && `the result says ${status}`,
      );
    },
  });
}

type Way = 'malloc' | 'shared' | 'memfd' | 'system-v';

function byWay(way: Way, title: string): Probe {
  const action: Action = ['fill-memory', way, String(wantedBytes)];
  return {
    ...common,
    id: `resources/memory-${way}`,
    title,
    attempt: (range) => fill(range, action, action),
  };
}

function byFile(id: string, directory: string, title: string): Probe {
  const action = (path: string): Action => ['fill-memory', 'file', String(wantedBytes), path];
  return {
    ...common,
    id,
    title,
    moot: noTmp,
    attempt: async (range) =>
      fill(range, action(await placeOutside(range)), action(`${directory}/${ownName()}`)),
  };
}

const common = {
  severity: 'high',
  layer: 'memory',
  expected:
    'the run is ended, or gets no more; the peak is not above the limit, but for what the kernel needs',
  control: 'the same user has as much outside the jail',
  gain: 'all memory of the host: its other programs are slowed down or killed',
  remedy: 'let jailctl have the memory cgroup, with swap limited or switched off',
  weakOn: weakMemory,
} as const;

export const memoryBoundProbes: readonly Probe[] = [
  byWay('malloc', 'has more memory than its limit, by malloc'),
  byWay('shared', 'has more memory than its limit, in pages that processes share'),
  byWay('memfd', 'has more memory than its limit, in a file without a name'),
  byWay('system-v', 'has more memory than its limit, in a System V segment'),
  byFile('resources/memory-tmp', '/tmp', 'has more memory than its limit, in files in /tmp'),
  byFile('resources/memory-shm', '/dev/shm', 'has more memory than its limit, in /dev/shm'),
  {
    id: 'resources/locked-memory',
    title: 'locks memory, so that it is never swapped out',
    severity: 'low',
    layer: 'RLIMIT_MEMLOCK',
    expected: 'ENOMEM or EPERM beyond 64 KiB',
    control: 'root locks as much outside the jail, with its limit raised',
    gain: 'memory that the host can neither move nor swap out',
    remedy: 'take an OCI runtime as engine, or lower the limit of the session that starts jailctl',
    attempt: (range) =>
      tryExcess(range, {
        control: ['lock-memory', String(mib), 'raise'],
        controlOptions: { isolated: true },
        attempt: ['lock-memory', String(mib)],
        inside: {},
        judge: (answer) => {
          requireOutcome(answer, `in the jail (${answer.result.message})`);
          return unless(`1 MiB: ${ending(answer)}`, answer.outcome === 'done' && 'it locked 1 MiB');
        },
      }),
  },
];
