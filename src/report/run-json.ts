import type { LayerState, RunResult } from '../run/run-result.ts';

const formatVersion = '1.0';

type Layers = Readonly<Record<string, LayerState>>;

/** The result of a run, as `schemas/run-result.schema.json` describes it. */
export function runDocument(result: RunResult): unknown {
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
    wall_time_ms: result.wallTimeMs,
    cpu_time_ms: result.cpuTimeMs,
    memory_peak_bytes: result.memoryPeakBytes,
    ...(processesPeak !== undefined && { processes_peak: processesPeak }),
    output_bytes: result.outputBytes,
    output_cut: result.outputCut,
    layers: layers(result.layers),
    limits: layers(result.limits),
  };
}
