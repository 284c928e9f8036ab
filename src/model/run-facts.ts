import type { EngineName } from './settings.ts';

/**
 * `hybrid`: controllers of version 1, and a version 2 beside them that mostly has none
 * (systemd.unified_cgroup_hierarchy=0).
 */
export type CgroupMode = 'none' | 'v1' | 'v2' | 'hybrid';

/** What starts runs, and why it could not here. */
export interface EngineFacts {
  readonly name: EngineName;
  /** Absent: it is not on this host. */
  readonly path?: string;
  /** The first line that it says of its version. */
  readonly version?: string;
  /** Why it does not work here, though it is there. */
  readonly fault?: string;
}

/** A cgroup controller that limits need. */
export interface ControllerFacts {
  readonly name: string;
  /** Why it can't be used, and what would help; absent where it can. */
  readonly fault?: { readonly why: string; readonly remedy: string };
}

/** What this host has to run programs with, as far as looking tells. */
export interface RunFacts {
  readonly cgroups: CgroupMode;
  readonly controllers: readonly ControllerFacts[];
  /** Those that jailctl would take by itself come first, in their order. */
  readonly engines: readonly EngineFacts[];
}
