import type { Sample, Samples } from '../sample.ts';

/** Of the samples of one contender. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  /** Median of the processor time, where it was metered. */
  readonly cpu_ms?: number;
  /** Most memory of its largest process in any round, where it was metered. */
  readonly peak_mib?: number;
}

/** By sample key. */
export type Figures = Readonly<Record<string, Figure>>;

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('there is no median of nothing');
  return (low + high) / 2;
}

function known(samples: readonly Sample[], of: 'cpuMs' | 'peakKib'): readonly number[] {
  return samples.map((sample) => sample[of]).filter((value) => value !== undefined);
}

function figureOf(samples: readonly Sample[]): Figure {
  const values = samples.map(({ value }) => value);
  const [cpuMs, peakKib] = [known(samples, 'cpuMs'), known(samples, 'peakKib')];
  return {
    median: rounded(median(values), 2),
    min: rounded(Math.min(...values), 2),
    max: rounded(Math.max(...values), 2),
    rounds: samples.length,
    ...(cpuMs.length > 0 ? { cpu_ms: rounded(median(cpuMs), 2) } : {}),
    ...(peakKib.length > 0 ? { peak_mib: rounded(Math.max(...peakKib) / 1024, 1) } : {}),
  };
}

export function figuresOf(samples: Samples): Figures {
  return Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, figureOf(values)]),
  );
}
