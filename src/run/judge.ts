import { copyProblem } from '../model/copy-problem.ts';
import { exitCode } from '../model/exit-code.ts';
import { signalName, signalNumber } from '../model/signals.ts';
import { formatDuration, formatSize } from '../model/units.ts';
import type { LayerState, Measurement, RunResult, RunStatus } from './run-result.ts';
import type { FileCopy, RunSpec } from './run-spec.ts';

/** As a shell has them (POSIX, Shell Command Language, 2.8.2). */
const exitCodes = { notExecutable: 126, notFound: 127, signalBase: 128 };

/** errno(3). */
const errno = { ENOENT: 2, E2BIG: 7, ENOEXEC: 8, EACCES: 13, ENOTDIR: 20 };

interface Verdict {
  readonly status: RunStatus;
  readonly message: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

function notStarted([command]: RunSpec['argv'], error: number): Verdict {
  const failed = (exitCode: number, message: string): Verdict => ({
    status: 'sandbox_error',
    exitCode,
    message,
  });
  switch (error) {
    case errno.ENOENT:
    case errno.ENOTDIR:
      return failed(
        exitCodes.notFound,
        `${command}: not found in the jail, or its interpreter is not; is it in the manifest, and applied?`,
      );
    case errno.EACCES:
      return failed(exitCodes.notExecutable, `${command}: not executable for the jail's user`);
    case errno.ENOEXEC:
      return failed(exitCodes.notExecutable, `${command}: not a program that this machine can run`);
    case errno.E2BIG:
      return failed(exitCodes.notExecutable, `${command}: arguments and environment are too long`);
    default:
      return failed(exitCodes.notExecutable, `${command}: could not be started (errno ${error})`);
  }
}

function notCopiedIn(
  { copyIn }: RunSpec,
  { index, errno }: NonNullable<Measurement['putFailed']>,
): Verdict {
  const { from, to } = copyIn[index] as FileCopy;
  const message = `${from} could not be copied to ${to} in the jail: ${copyProblem(errno)}`;
  return { status: 'sandbox_error', exitCode: exitCode.sandbox, message };
}

/** How the program ended, if it did. What is killed as a whole may be gone before it is asked. */
function ending({ ended, stoppedBy, memoryKills }: Measurement) {
  if (ended !== undefined && 'exitCode' in ended) return ended;
  if (ended !== undefined) return { signal: signalName(ended.signal) };
  return stoppedBy !== undefined || memoryKills > 0 ? { signal: 'SIGKILL' } : undefined;
}

/** The limit that jailctl ended the run for, or that the program went over before it ended itself. */
function limitOver({ limits }: RunSpec, measured: Measurement): Measurement['stoppedBy'] {
  if (measured.stoppedBy !== undefined) return measured.stoppedBy;
  if (measured.cpuTimeMs > limits.cpuTimeSeconds * 1000) return 'cpu_time';
  if (measured.wallTimeMs > limits.wallTimeSeconds * 1000) return 'wall_time';
  if (measured.outputCut) return 'output';
  const { diskBytes = Number.POSITIVE_INFINITY } = limits;
  return (measured.homeBytes ?? 0) > diskBytes ? 'disk' : undefined;
}

function overLimit(
  limits: RunSpec['limits'],
  over: NonNullable<Measurement['stoppedBy']>,
): Pick<Verdict, 'status' | 'message'> {
  switch (over) {
    case 'cpu_time': {
      const time = formatDuration(limits.cpuTimeSeconds);
      return { status: 'time_limit', message: `used up its CPU time of ${time}` };
    }
    case 'wall_time': {
      const time = formatDuration(limits.wallTimeSeconds);
      return { status: 'time_limit', message: `used up its wall time of ${time}` };
    }
    case 'output': {
      const size = formatSize(limits.outputBytes);
      return { status: 'output_limit', message: `wrote more output than ${size}` };
    }
    case 'disk': {
      const size = formatSize(limits.diskBytes ?? 0);
      return { status: 'output_limit', message: `its home takes more than ${size}` };
    }
    case 'caller':
      return { status: 'sandbox_error', message: 'interrupted before it had ended' };
  }
}

/** A signal by which the kernel enforces a limit (setrlimit(2)), or one that has no such meaning. */
function judgeSignal({ limits }: RunSpec, measured: Measurement, signal: string): Verdict {
  // RLIMIT_CPU counts whole seconds of one process; the cgroup has counted at least as many.
  const cpuTimeUsed = measured.cpuTimeMs >= limits.cpuTimeSeconds * 1000 * 0.95;
  if (cpuTimeUsed && (signal === 'SIGXCPU' || signal === 'SIGKILL')) {
    return { ...overLimit(limits, 'cpu_time'), signal };
  }
  if (signal === 'SIGXFSZ') {
    const size = formatSize(limits.fileSizeBytes);
    return { status: 'output_limit', message: `wrote a file larger than ${size}`, signal };
  }
  return { status: 'signalled', message: `ended by ${signal}`, signal };
}

function messageOfGoodEnd({ copiedOut }: Measurement): string {
  const ending = 'ended with exit code 0';
  const missing = copiedOut.flatMap((copy) =>
    'error' in copy ? [`${copy.from} could not be copied out: ${copy.error}`] : [],
  );
  return missing.length === 0 ? ending : `${ending}, but ${missing.join('; ')}`;
}

/**
 * Which of several truths is told: a program that was not run; then what jailctl ended it for; then
 * what the kernel ended it for (a process killed for memory before a limit's signal, for a program
 * that fails because of a killed child has no other reason); then what it says of itself.
 */
function verdict(spec: RunSpec, measured: Measurement): Verdict {
  const { failure, putFailed, execErrno, stoppedBy, memoryKills } = measured;
  if (failure !== undefined) return { status: 'sandbox_error', message: failure };
  if (putFailed !== undefined) return notCopiedIn(spec, putFailed);
  if (execErrno !== undefined) return notStarted(spec.argv, execErrno);
  const end = ending(measured);
  if (end === undefined) {
    return { status: 'sandbox_error', message: 'the program is gone, and nobody saw how it ended' };
  }
  const endedWell = 'exitCode' in end && end.exitCode === 0;
  if (memoryKills > 0 && stoppedBy === undefined && !endedWell) {
    const size = formatSize(spec.limits.memoryBytes);
    return { status: 'memory_limit', message: `needed more memory than ${size}`, ...end };
  }
  const over = limitOver(spec, measured);
  if (over !== undefined) return { ...overLimit(spec.limits, over), ...end };
  if ('signal' in end) return judgeSignal(spec, measured, end.signal);
  if (endedWell) return { status: 'ok', message: messageOfGoodEnd(measured), ...end };
  return { status: 'runtime_error', message: `ended with exit code ${end.exitCode}`, ...end };
}

/**
 * What a run was, from what was measured.
 * @param layers which barriers were in force, as enforcementOf() tells
 * @param limits what enforced each limit
 */
export function judge(
  spec: RunSpec,
  measured: Measurement,
  layers: Readonly<Record<string, LayerState>>,
  limits: Readonly<Record<string, LayerState>>,
): RunResult {
  const { wallTimeMs, cpuTimeMs, memoryPeakBytes, processesPeak, outputBytes, outputCut } =
    measured;
  return {
    ...verdict(spec, measured),
    jail: spec.jail.name,
    user: spec.user.name,
    engine: spec.engine,
    wallTimeMs,
    cpuTimeMs,
    memoryPeakBytes,
    ...(processesPeak !== undefined && { processesPeak }),
    outputBytes,
    outputCut,
    copiedOut: measured.copiedOut,
    layers,
    limits,
  };
}

/**
 * The exit code of `exec`: the program's own; 128 and the signal that ended it; 126 or 127 when it
 * could not be started; 125 when the sandbox failed. A program that ended with 0 but went over a
 * limit gets the code of one that was killed, and one of which a wanted file could not be copied
 * out gets 125: only a good run exits 0.
 */
export function exitCodeOf(result: RunResult): number {
  const killed = exitCodes.signalBase + signalNumber('SIGKILL');
  if (result.signal !== undefined) return exitCodes.signalBase + signalNumber(result.signal);
  if (result.exitCode === 0) {
    if (result.status !== 'ok') return killed;
    return result.copiedOut.some((copy) => 'error' in copy) ? exitCode.sandbox : 0;
  }
  return result.exitCode ?? exitCode.sandbox;
}
