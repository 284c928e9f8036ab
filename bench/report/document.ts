import type { Samples } from '../sample.ts';
import { type Row, type RowSpec, rowOf } from './row.ts';
import { type Figures, figuresOf } from './statistics.ts';

/** The machine of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memory_mib: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
}

/** A case that could not be measured. */
export interface Failed {
  readonly case: string;
  readonly message: string;
}

/** The document of --json. `bench/README.md` says what its fields mean. */
export interface Results {
  readonly format_version: '1.0';
  /** ISO 8601, of its begin. */
  readonly begun: string;
  readonly minutes: number;
  readonly jailctl: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  /** Of everything that ran, by `CASE: NAME`. */
  readonly figures: Figures;
  readonly failed: readonly Failed[];
}

export type About = Pick<Results, 'begun' | 'minutes' | 'jailctl' | 'machine' | 'failed'>;

/** @param specs a row is left out when what it needs was not measured */
export function resultsOf(about: About, samples: Samples, specs: readonly RowSpec[]): Results {
  const figures = figuresOf(samples);
  const rows = specs.map((spec) => rowOf(spec, figures)).filter((row) => row !== undefined);
  return { format_version: '1.0', ...about, rows, figures };
}
