/** A change of the configuration that a runtime is started with. Paths have dots: `linux.seccomp`. */
export type ConfigEdit =
  | { readonly remove: string }
  | { readonly set: string; readonly value: unknown }
  | { readonly append: string; readonly value: unknown }
  /** Removes the elements of a list that have this value under this key. */
  | { readonly removeFrom: string; readonly key: string; readonly value: unknown };

/** Takes a layer away. */
export type Weakening =
  | {
      /** The host is changed after `apply`: its files, its rules, the tree of the jail. */
      readonly on: 'host';
      /**
       * For sh -e, as root. The variables: JAIL, the directory of the jail; NAME and ID, its first
       * user's name and UID; OTHER, the directory of another jail. What it starts in the background
       * must have its output elsewhere; it goes with the host.
       */
      readonly script: string;
    }
  | {
      /** The OCI runtime is replaced by one that leaves something out. */
      readonly on: 'runs';
      /**
       * All, or none for a run that one of them would not change: not every jail has every layer.
       * It is an error when they fit no run: the configuration is no longer as they expect.
       */
      readonly edits: readonly ConfigEdit[];
      /** For sh -e, as root, before each run; with JAIL, and NAME and ID of the run's user. */
      readonly script?: string;
    };

/** One layer taken away, and the probes that must notice. */
export interface Mutation {
  /** In lower case with hyphens: `no-seccomp`. */
  readonly id: string;
  /** For a person: `the runtime sets no filter for system calls`. */
  readonly title: string;
  /**
   * Ids of the probes that must all fail, in one of the jails at least: one has no network, the
   * other one an allow-list. Without the mutation, each of them must pass there.
   */
  readonly caughtBy: readonly [string, ...string[]];
  readonly change: Weakening;
}
