import { availableParallelism } from 'node:os';
import type { Limits } from '../../model/settings.ts';
import type { RunCgroup } from './run-cgroup.ts';

/** How often the CPU time is looked at: at least, and at most. */
const watchMsMin = 5;
const watchMsMax = 1000;

/** Watches how much wall time and CPU time a run takes. */
export class LimitClock {
  readonly #limits: Limits;
  readonly #cgroup: RunCgroup;
  readonly #onOver: (reason: 'wall_time' | 'cpu_time') => void;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    limits: Limits,
    cgroup: RunCgroup,
    onOver: (reason: 'wall_time' | 'cpu_time') => void,
  ) {
    this.#limits = limits;
    this.#cgroup = cgroup;
    this.#onOver = onOver;
  }

  start(): void {
    this.later(this.#limits.wallTimeSeconds * 1000, () => this.#onOver('wall_time'));
    this.#watch();
  }

  /** Looks again when the limit can be reached at the earliest. */
  #watch(): void {
    const { cpuTimeSeconds, cpus } = this.#limits;
    this.#cgroup.sample();
    const leftMs = cpuTimeSeconds * 1000 - this.#cgroup.cpuTimeMs();
    if (leftMs <= 0) {
      this.#onOver('cpu_time');
      return;
    }
    const parallel = Math.min(cpus ?? Number.POSITIVE_INFINITY, availableParallelism());
    const soonest = leftMs / parallel;
    this.later(Math.min(Math.max(soonest, watchMsMin), watchMsMax), () => this.#watch());
  }

  /** Does something after a time, unless the clock is stopped first. */
  later(afterMs: number, what: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what();
    }, afterMs);
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
