/**
 * Milliseconds, by a clock that nobody sets. `performance` is the same clock, and loads all of
 * node:perf_hooks: which a short run would wait for.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
