/** What one run of something took. */
export interface Sample {
  /** Of the unit that the case has: mostly milliseconds, by the clock. */
  readonly value: number;
  /** Milliseconds of processors, of all its processes; where it was metered. */
  readonly cpuMs?: number;
  /** KiB that its largest process had in memory at most; where it was metered. */
  readonly peakKib?: number;
}

/** By the name of what ran. */
export type Samples = Readonly<Record<string, readonly Sample[]>>;

/** Collects samples. */
export class Recorder {
  readonly samples: Record<string, Sample[]> = {};

  add(name: string, sample: Sample): void {
    this.samples[name] ??= [];
    this.samples[name].push(sample);
  }
}
