import type { Measurement, RunResult } from '../../src/run/run-result.ts';

/** A measurement with these changes; `ended: undefined` takes it away. */
export type Changes = { readonly [K in keyof Measurement]?: Measurement[K] | undefined };

const killed = { ended: { signal: 9 } };

/** How runs end, and what is said of each. */
export const cases: readonly {
  readonly title: string;
  readonly changes: Changes;
  readonly result: Partial<RunResult>;
  readonly exits: number;
  /** The lines of the meta file that are not measurements. */
  readonly meta: string;
}[] = [
  {
    title: 'a good end',
    changes: {},
    result: { status: 'ok', exitCode: 0 },
    exits: 0,
    meta: '',
  },
  {
    title: 'another exit code',
    changes: { ended: { exitCode: 3 } },
    result: { status: 'runtime_error', exitCode: 3, message: 'ended with exit code 3' },
    exits: 3,
    meta: 'exitcode:3 status:RE message:ended with exit code 3',
  },
  {
    title: 'an exit code that looks like a failure of the sandbox',
    changes: { ended: { exitCode: 125 } },
    result: { status: 'runtime_error', exitCode: 125 },
    exits: 125,
    meta: 'exitcode:125 status:RE message:ended with exit code 125',
  },
  {
    title: 'a signal of its own',
    changes: { ended: { signal: 11 } },
    result: { status: 'signalled', signal: 'SIGSEGV', message: 'ended by SIGSEGV' },
    exits: 139,
    meta: 'exitsig:11 status:SG message:ended by SIGSEGV',
  },
  {
    title: 'a real-time signal',
    changes: { ended: { signal: 34 } },
    result: { status: 'signalled', signal: 'SIGRTMIN+2' },
    exits: 162,
    meta: 'exitsig:34 status:SG message:ended by SIGRTMIN+2',
  },
  {
    title: 'SIGKILL that nobody explains',
    changes: killed,
    result: { status: 'signalled', signal: 'SIGKILL' },
    exits: 137,
    meta: 'exitsig:9 status:SG message:ended by SIGKILL',
  },
  {
    title: 'SIGKILL of the kernel for memory',
    changes: { ...killed, memoryKills: 1 },
    result: {
      status: 'memory_limit',
      signal: 'SIGKILL',
      message: 'needed more memory than 256MiB',
    },
    exits: 137,
    meta: 'cg-oom-killed:1 exitsig:9 status:SG message:needed more memory than 256MiB',
  },
  {
    title: 'a shell that fails because its child was killed for memory',
    changes: { ended: { exitCode: 137 }, memoryKills: 1 },
    result: { status: 'memory_limit', exitCode: 137 },
    exits: 137,
    meta: 'cg-oom-killed:1 exitcode:137 status:RE message:needed more memory than 256MiB',
  },
  {
    title: 'a program that went on without a child that was killed for memory',
    changes: { memoryKills: 1 },
    result: { status: 'ok', exitCode: 0 },
    exits: 0,
    meta: '',
  },
  {
    title: 'memory, when process 1 was killed with all others',
    changes: { ended: undefined, memoryKills: 2 },
    result: { status: 'memory_limit', signal: 'SIGKILL' },
    exits: 137,
    meta: 'cg-oom-killed:1 exitsig:9 status:SG message:needed more memory than 256MiB',
  },
  {
    title: 'a program that waits for ever for a child that was killed for memory',
    changes: { ...killed, stoppedBy: 'wall_time', memoryKills: 1, wallTimeMs: 30_004 },
    result: { status: 'time_limit', signal: 'SIGKILL' },
    exits: 137,
    meta: 'status:TO message:used up its wall time of 30s killed:1',
  },
  {
    title: 'wall time',
    changes: { ended: undefined, stoppedBy: 'wall_time', wallTimeMs: 30_004 },
    result: {
      status: 'time_limit',
      signal: 'SIGKILL',
      message: 'used up its wall time of 30s',
    },
    exits: 137,
    meta: 'status:TO message:used up its wall time of 30s killed:1',
  },
  {
    title: 'CPU time of all processes',
    changes: { ...killed, stoppedBy: 'cpu_time', cpuTimeMs: 10_020 },
    result: { status: 'time_limit', signal: 'SIGKILL', message: 'used up its CPU time of 10s' },
    exits: 137,
    meta: 'status:TO message:used up its CPU time of 10s killed:1',
  },
  {
    title: 'the signal of RLIMIT_CPU',
    changes: { ended: { signal: 24 }, cpuTimeMs: 9_990 },
    result: { status: 'time_limit', signal: 'SIGXCPU' },
    exits: 152,
    meta: 'status:TO message:used up its CPU time of 10s',
  },
  {
    title: 'SIGKILL of RLIMIT_CPU, one second later',
    changes: { ...killed, cpuTimeMs: 9_900 },
    result: { status: 'time_limit', signal: 'SIGKILL' },
    exits: 137,
    meta: 'status:TO message:used up its CPU time of 10s killed:1',
  },
  {
    title: 'SIGXCPU that a program sent itself',
    changes: { ended: { signal: 24 } },
    result: { status: 'signalled', signal: 'SIGXCPU' },
    exits: 152,
    meta: 'exitsig:24 status:SG message:ended by SIGXCPU',
  },
  {
    title: 'a program that ends well, just after its CPU time',
    changes: { cpuTimeMs: 10_001 },
    result: { status: 'time_limit', exitCode: 0 },
    exits: 137,
    meta: 'status:TO message:used up its CPU time of 10s',
  },
  {
    title: 'a program that ends well, just after its wall time',
    changes: { wallTimeMs: 30_001 },
    result: { status: 'time_limit', exitCode: 0, message: 'used up its wall time of 30s' },
    exits: 137,
    meta: 'status:TO message:used up its wall time of 30s',
  },
  {
    title: 'both times at their limits, to the millisecond',
    changes: { cpuTimeMs: 10_000, wallTimeMs: 30_000 },
    result: { status: 'ok' },
    exits: 0,
    meta: '',
  },
  {
    title: 'the signal of RLIMIT_FSIZE',
    changes: { ended: { signal: 25 } },
    result: {
      status: 'output_limit',
      signal: 'SIGXFSZ',
      message: 'wrote a file larger than 16MiB',
    },
    exits: 153,
    meta: 'exitsig:25 status:SG message:wrote a file larger than 16MiB',
  },
  {
    title: 'endless output',
    changes: { ...killed, stoppedBy: 'output', outputBytes: 1_048_576, outputCut: true },
    result: { status: 'output_limit', message: 'wrote more output than 1MiB' },
    exits: 137,
    meta: 'exitsig:9 status:SG message:wrote more output than 1MiB killed:1',
  },
  {
    title: 'a home that grew too large',
    changes: { ...killed, stoppedBy: 'disk', homeBytes: 2 * 2 ** 20 + 4096 },
    result: { status: 'output_limit', message: 'its home takes more than 2MiB' },
    exits: 137,
    meta: 'exitsig:9 status:SG message:its home takes more than 2MiB killed:1',
  },
  {
    title: 'a home that was seen to be too large when the program had ended well',
    changes: { homeBytes: 2 * 2 ** 20 + 1 },
    result: { status: 'output_limit', exitCode: 0, message: 'its home takes more than 2MiB' },
    exits: 137,
    meta: 'exitcode:0 status:RE message:its home takes more than 2MiB',
  },
  {
    title: 'a home that takes exactly what it may',
    changes: { homeBytes: 2 * 2 ** 20 },
    result: { status: 'ok' },
    exits: 0,
    meta: '',
  },
  {
    title: 'output that was cut from a program that ended well',
    changes: { outputBytes: 1_048_576, outputCut: true },
    result: { status: 'output_limit', exitCode: 0 },
    exits: 137,
    meta: 'exitcode:0 status:RE message:wrote more output than 1MiB',
  },
  {
    title: 'a caller that lost patience',
    changes: { ended: undefined, stoppedBy: 'caller' },
    result: { status: 'sandbox_error', signal: 'SIGKILL' },
    exits: 137,
    meta: 'status:XX message:interrupted before it had ended killed:1',
  },
  {
    title: 'a command that the jail does not have',
    changes: { ended: undefined, execErrno: 2 },
    result: {
      status: 'sandbox_error',
      exitCode: 127,
      message:
        'python3: not found in the jail, or its interpreter is not; is it in the manifest, and applied?',
    },
    exits: 127,
    meta: 'status:XX message:python3: not found in the jail, or its interpreter is not; is it in the manifest, and applied?',
  },
  {
    title: 'a file that is not executable',
    changes: { ended: undefined, execErrno: 13 },
    result: { status: 'sandbox_error', exitCode: 126 },
    exits: 126,
    meta: "status:XX message:python3: not executable for the jail's user",
  },
  {
    title: 'an error of execve that has no words',
    changes: { ended: undefined, execErrno: 40 },
    result: { status: 'sandbox_error', exitCode: 126 },
    exits: 126,
    meta: 'status:XX message:python3: could not be started (errno 40)',
  },
  {
    title: 'a file that could not be copied in',
    changes: { ended: undefined, putFailed: { index: 1, errno: 28 } },
    result: {
      status: 'sandbox_error',
      exitCode: 125,
      message: '/data could not be copied to in/data in the jail: no space left',
    },
    exits: 125,
    meta: 'status:XX message:/data could not be copied to in/data in the jail: no space left',
  },
  {
    title: 'a good end without a file that was wanted',
    changes: {
      copiedOut: [
        { from: 'out', to: '/results/out', bytes: 7 },
        { from: 'log', to: '/results/log', error: 'no such file' },
      ],
    },
    result: {
      status: 'ok',
      exitCode: 0,
      message: 'ended with exit code 0, but log could not be copied out: no such file',
    },
    exits: 125,
    meta: '',
  },
  {
    title: 'another exit code, without a file that was wanted',
    changes: {
      ended: { exitCode: 3 },
      copiedOut: [{ from: 'log', to: '/results/log', error: 'no such file' }],
    },
    result: { status: 'runtime_error', message: 'ended with exit code 3' },
    exits: 3,
    meta: 'exitcode:3 status:RE message:ended with exit code 3',
  },
  {
    title: 'a failure of the sandbox, told on one line',
    changes: { ended: undefined, failure: 'crun: no\nspace' },
    result: { status: 'sandbox_error', message: 'crun: no\nspace' },
    exits: 125,
    meta: 'status:XX message:crun: no\\x0aspace',
  },
  {
    title: 'an end that nobody saw',
    changes: { ended: undefined },
    result: { status: 'sandbox_error' },
    exits: 125,
    meta: 'status:XX message:the program is gone, and nobody saw how it ended',
  },
];
