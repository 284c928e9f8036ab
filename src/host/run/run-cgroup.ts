import { existsSync, writeFileSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { runGroup } from '../../model/host-paths.ts';
import type { Limits } from '../../model/settings.ts';
import type { Controller } from '../../run/layers.ts';
import type { Measurement } from '../../run/run-result.ts';
import type { Hierarchy } from '../cgroup-layout.ts';
import {
  groupsBelow,
  handOn,
  killGroup,
  makeGroup,
  processesIn,
  readEntry,
  readNumber,
} from './cgroup-files.ts';
import type { Cgroups } from './cgroups.ts';
import { makeRunGroups, removeRunGroups } from './run-groups.ts';

/** What a run has used of the host. */
export type Usage = Pick<
  Measurement,
  'cpuTimeMs' | 'memoryPeakBytes' | 'processesPeak' | 'memoryKills'
>;

/**
 * The groups of one user's run, in every hierarchy. `jailctl/USER` has the limits, and outlives the
 * run. The runtime makes `box` below it. When the runtime has become process 1, that is moved into
 * `program` below `box`, where memory and processes are counted: so the peaks are the program's and
 * not the runtime's, of which runc has six threads.
 */
export interface RunCgroup {
  /**
   * To be called when process 1 stands ready, alone in its group: sets the limits, and counts from
   * here. For a run without a runtime, before it starts.
   * @returns the files into which a process writes 0 that wants to be a part of the run
   * @throws Failure with exit code 125 when a limit can't be set
   */
  begin(): readonly string[];
  /**
   * Counts from here instead. Of the memory that is in use now, what is copied in is counted still;
   * version 2 keeps its peak.
   */
  count(): void;
  /** Since `begin` or `count`. */
  cpuTimeMs(): number;
  /**
   * To be called now and then: an old kernel (version 2 before Linux 5.19) tells how much memory is
   * used, and not how much was.
   */
  sample(): void;
  /** Since `begin` or `count`. When the runtime has removed `box`, less is known. */
  usage(): Usage;
  /** Kills the processes of the run; new ones may come while it looks, in version 1. */
  kill(): void;
  /**
   * Kills what is left, and removes the groups.
   * @throws Failure when a process does not end within 10 s
   */
  remove(): Promise<void>;
}

const periodUs = 100_000;

class PlacedCgroup implements RunCgroup {
  readonly #cgroups: Cgroups;
  readonly #user: string;
  readonly #limits: Limits;
  readonly #inits: number;
  #cpuTimeMsBefore = 0;
  #memoryBytesSeen = 0;

  constructor(cgroups: Cgroups, user: string, limits: Limits, inits: number) {
    this.#cgroups = cgroups;
    this.#user = user;
    this.#limits = limits;
    this.#inits = inits;
  }

  /** The group with the limits, in the hierarchy of a controller. */
  #outer(controller: Controller): { directory: string; version: 1 | 2 } | undefined {
    const place = this.#cgroups.places.get(controller);
    if (place === undefined) return undefined;
    return { directory: this.#directory(place), version: place.version };
  }

  #directory({ mountPoint }: Hierarchy): string {
    return `${mountPoint}/${runGroup(this.#user)}`;
  }

  begin(): readonly string[] {
    try {
      this.#setLimits();
      const files = this.#isolateProgram();
      this.#limitSocketMemory();
      this.count();
      return files;
    } catch (error) {
      throw new Failure(`can't set the limits of ${this.#user}'s cgroup`, {
        exitCode: exitCode.sandbox,
        hint: 'is the limit too small to be one, or do the groups above have less?',
        cause: error,
      });
    }
  }

  count(): void {
    this.#cpuTimeMsBefore = this.#cpuTimeMsOfAll();
    const memory = this.#outer('memory');
    if (memory?.version === 1) writeFileSync(`${memory.directory}/memory.max_usage_in_bytes`, '0');
  }

  #setLimits(): void {
    const { memoryBytes, cpus } = this.#limits;
    const memory = this.#outer('memory');
    if (memory?.version === 1) this.#limitMemoryOfVersion1(memory.directory, memoryBytes);
    if (memory?.version === 2) {
      writeFileSync(`${memory.directory}/memory.max`, String(memoryBytes));
      const swap = `${memory.directory}/memory.swap.max`;
      if (existsSync(swap)) writeFileSync(swap, '0');
    }
    const cpu = this.#outer('cpu');
    if (cpu === undefined || cpus === undefined) return;
    const quotaUs = Math.round(cpus * periodUs);
    if (cpu.version === 2) {
      writeFileSync(`${cpu.directory}/cpu.max`, `${quotaUs} ${periodUs}`);
    } else {
      writeFileSync(`${cpu.directory}/cpu.cfs_period_us`, String(periodUs));
      writeFileSync(`${cpu.directory}/cpu.cfs_quota_us`, String(quotaUs));
    }
  }

  /** The limit with swap may not be below the one without. */
  #limitMemoryOfVersion1(directory: string, bytes: number): void {
    writeFileSync(`${directory}/memory.limit_in_bytes`, String(bytes));
    const withSwap = `${directory}/memory.memsw.limit_in_bytes`;
    if (existsSync(withSwap)) writeFileSync(withSwap, String(bytes));
    else writeFileSync(`${directory}/memory.swappiness`, '0');
  }

  /**
   * Version 1 counts what lies in sockets by itself, and only in groups that have a limit of it:
   * without one, a few loopback connections hold a gigabyte of the host's memory. Version 2 counts
   * it with all other memory.
   */
  #limitSocketMemory(): void {
    const memory = this.#outer('memory');
    if (memory?.version !== 1) return;
    for (const group of groupsBelow(memory.directory)) {
      const file = `${group}/memory.kmem.tcp.limit_in_bytes`;
      if (existsSync(file)) writeFileSync(file, String(this.#limits.memoryBytes));
    }
  }

  /**
   * In version 2 a group hands on controllers only when it has no process itself: so process 1
   * moves first.
   */
  #isolateProgram(): readonly string[] {
    const { places } = this.#cgroups;
    const pids = places.get('pids');
    const files = new Set<string>();
    for (const place of new Set(places.values())) {
      const directory = this.#directory(place);
      if (place.version === 1 && place !== pids) {
        files.add(`${directory}/cgroup.procs`);
        continue;
      }
      const box = `${directory}/box`;
      makeGroup(box, place);
      makeGroup(`${box}/program`, place);
      for (const pid of processesIn(box)) {
        writeFileSync(`${box}/program/cgroup.procs`, String(pid));
      }
      if (place.version === 2) {
        const counted = (['memory', 'pids'] as const).filter((one) => places.get(one) === place);
        if (counted.length > 0) handOn(box, counted);
      }
      if (pids === place) {
        // Here, and not above: the peak of a group goes past the limit of one above it, by the
        // process that is then refused.
        const processes = this.#limits.processes + this.#inits;
        writeFileSync(`${box}/program/pids.max`, String(processes));
      }
      files.add(`${box}/program/cgroup.procs`);
    }
    return [...files];
  }

  #cpuTimeMsOfAll(): number {
    const group = this.#outer('cpuacct');
    if (group === undefined) return 0;
    return group.version === 1
      ? (readNumber(`${group.directory}/cpuacct.usage`) ?? 0) / 1e6
      : (readEntry(`${group.directory}/cpu.stat`, 'usage_usec') ?? 0) / 1e3;
  }

  cpuTimeMs(): number {
    return this.#cpuTimeMsOfAll() - this.#cpuTimeMsBefore;
  }

  sample(): void {
    const memory = this.#outer('memory');
    if (memory?.version !== 2) return;
    const bytes = readNumber(`${memory.directory}/memory.current`) ?? 0;
    this.#memoryBytesSeen = Math.max(this.#memoryBytesSeen, bytes);
  }

  usage(): Usage {
    const pids = this.#outer('pids');
    const peak = pids && readNumber(`${pids.directory}/box/program/pids.peak`);
    return {
      cpuTimeMs: this.cpuTimeMs(),
      memoryPeakBytes: this.#memoryPeakBytes(),
      ...(peak === undefined ? {} : { processesPeak: Math.max(peak - this.#inits, 0) }),
      memoryKills: this.#memoryKills(),
    };
  }

  #memoryPeakBytes(): number {
    const memory = this.#outer('memory');
    if (memory === undefined) return 0;
    const { directory, version } = memory;
    if (version === 1) return readNumber(`${directory}/memory.max_usage_in_bytes`) ?? 0;
    this.sample();
    return (
      readNumber(`${directory}/box/program/memory.peak`) ??
      readNumber(`${directory}/memory.peak`) ??
      this.#memoryBytesSeen
    );
  }

  /** Version 1 counts in the group of the one that was killed, and not in those above. */
  #memoryKills(): number {
    const memory = this.#outer('memory');
    if (memory === undefined) return 0;
    const { directory, version } = memory;
    if (version === 2) return readEntry(`${directory}/memory.events`, 'oom_kill') ?? 0;
    return groupsBelow(directory)
      .map((group) => readEntry(`${group}/memory.oom_control`, 'oom_kill') ?? 0)
      .reduce((sum, count) => sum + count, 0);
  }

  kill(): void {
    for (const place of new Set(this.#cgroups.places.values())) killGroup(this.#directory(place));
  }

  remove(): Promise<void> {
    return removeRunGroups(this.#cgroups, this.#user);
  }
}

/**
 * Makes the groups of a user's run, where the host lets us have controllers. What an earlier run of
 * that user left there is ended and removed first.
 * @param inits how many processes of the run are not the program's: 1 with a runtime, else 0
 */
export async function createRunCgroup(
  cgroups: Cgroups,
  user: string,
  limits: Limits,
  inits: 0 | 1,
): Promise<RunCgroup> {
  await removeRunGroups(cgroups, user);
  try {
    makeRunGroups(cgroups, user);
  } catch (error) {
    await removeRunGroups(cgroups, user);
    throw new Failure(`can't make a cgroup for ${user}`, {
      exitCode: exitCode.sandbox,
      hint: 'is the cgroup file system writable for root?',
      cause: error,
    });
  }
  return new PlacedCgroup(cgroups, user, limits, inits);
}
