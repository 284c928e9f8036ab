import { printable } from '../model/printable.ts';
import { signalNumber } from '../model/signals.ts';
import type { RunResult, RunStatus } from '../run/run-result.ts';

/** Of isolate(1), "META-FILES"; a run that ended well has none. */
function statusCode({ status, signal }: RunResult): 'RE' | 'SG' | 'TO' | 'XX' | undefined {
  const codes: Readonly<Record<RunStatus, 'RE' | 'SG' | 'TO' | 'XX' | undefined>> = {
    ok: undefined,
    runtime_error: 'RE',
    signalled: 'SG',
    time_limit: 'TO',
    // isolate has no code of its own for these two: it says how the program ended.
    memory_limit: signal === undefined ? 'RE' : 'SG',
    output_limit: signal === undefined ? 'RE' : 'SG',
    sandbox_error: 'XX',
  };
  return codes[status];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** Did the sandbox end the program? */
function wasKilled({ status, signal }: RunResult): boolean {
  return signal === 'SIGKILL' && ['time_limit', 'output_limit', 'sandbox_error'].includes(status);
}

/**
 * A result in the form of isolate's meta file: `key:value` lines, times in seconds, sizes in KiB,
 * unknown keys left out. `max-rss` is one of those: it is of one process, and jailctl counts all of
 * a run together, which is `cg-mem`.
 */
export function metaText(result: RunResult): string {
  const { status, exitCode, signal, cpuTimeMs, wallTimeMs, memoryPeakBytes, message } = result;
  const code = statusCode(result);
  // isolate says nothing about the end of a program that it stopped.
  const toldEnd = code !== 'TO' && code !== 'XX';
  const lines: readonly (readonly [key: string, value: string | number] | undefined)[] = [
    ['time', seconds(cpuTimeMs)],
    ['time-wall', seconds(wallTimeMs)],
    ['cg-mem', Math.floor(memoryPeakBytes / 1024)],
    status === 'memory_limit' ? ['cg-oom-killed', 1] : undefined,
    toldEnd && exitCode !== undefined ? ['exitcode', exitCode] : undefined,
    toldEnd && signal !== undefined ? ['exitsig', signalNumber(signal)] : undefined,
    code === undefined ? undefined : ['status', code],
    code === undefined ? undefined : ['message', printable(message)],
    wasKilled(result) ? ['killed', 1] : undefined,
  ];
  return lines.flatMap((line) => (line === undefined ? [] : [`${line.join(':')}\n`])).join('');
}
