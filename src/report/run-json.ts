import { isUtf8 } from 'node:buffer';
import type { LayerState, RunResult } from '../run/run-result.ts';

const formatVersion = '1.0';

type Layers = Readonly<Record<string, LayerState>>;

/** What a run wrote, where it was kept. */
export interface RunOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** JSON has no bytes: what is not UTF-8 stands there in base64, under another name. */
function outputFields({ stdout, stderr }: RunOutput): Record<string, string> {
  const field = (name: string, bytes: Buffer) =>
    isUtf8(bytes) ? [name, bytes.toString('utf8')] : [`${name}_base64`, bytes.toString('base64')];
  return Object.fromEntries([field('stdout', stdout), field('stderr', stderr)]);
}

/** What is behind it nobody has measured. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** The result of a run, as `schemas/run-result.schema.json` describes it. */
export function runDocument(result: RunResult, output: RunOutput): Record<string, unknown> {
  const { exitCode, signal, processesPeak } = result;
  const layers = (states: Layers) =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, { ...state }]));
  return {
    format_version: formatVersion,
    status: result.status,
    jail: result.jail,
    user: result.user,
    engine: result.engine,
    ...(exitCode !== undefined && { exit_code: exitCode }),
    ...(signal !== undefined && { signal }),
    message: result.message,
    wall_time_ms: toMicroseconds(result.wallTimeMs),
    cpu_time_ms: toMicroseconds(result.cpuTimeMs),
    memory_peak_bytes: result.memoryPeakBytes,
    ...(processesPeak !== undefined && { processes_peak: processesPeak }),
    output_bytes: result.outputBytes,
    output_cut: result.outputCut,
    copied_out: result.copiedOut,
    ...outputFields(output),
    layers: layers(result.layers),
    limits: layers(result.limits),
  };
}
