import type { Answer } from '../model/probe-answer.ts';
import type { Reader } from '../model/reader.ts';
import type { EngineName, HomeMode, JailSettings, JailUser } from '../model/settings.ts';
import type { Step } from '../model/step.ts';
import type { EnforcementHost } from '../run/layers.ts';
import type { LimitOverride } from '../run/limits.ts';
import type { RunResult } from '../run/run-result.ts';
import type { FileCopy } from '../run/run-spec.ts';

/** What is attacked. */
export interface Subject {
  readonly jail: JailSettings;
  readonly engine: EngineName;
  /** A jail that jailctl did not make: a directory and a user of it. */
  readonly isForeign: boolean;
  readonly enforcement: EnforcementHost;
}

/** An action of the probe program (native/probe/), with its arguments. */
export type Action = readonly [name: string, ...args: readonly string[]];

/** How an action is run in the jail. What is absent is as `exec` would have it. */
export interface InsideOptions {
  /** Absent: the user that the probe is run as. */
  readonly user?: JailUser;
  /** Absent: limits that are enough for a probe. `declared`: the jail's own. */
  readonly limits?: 'declared' | readonly LimitOverride[];
  /** Written to its standard input, which is then closed; absent: empty. */
  readonly stdin?: string;
  readonly variables?: readonly (readonly [name: string, value: string])[];
  readonly home?: HomeMode;
  readonly copyIn?: readonly FileCopy[];
  readonly copyOut?: readonly FileCopy[];
  /** What it writes is taken only so long after the first of it; absent: at once. Of `inside` only. */
  readonly takenAfterMs?: number;
  /** Not even an interruption ends it: it clears away what was left in a home. Of `inside` only. */
  readonly toTheEnd?: true;
}

/** The answer of an action in the jail, with the result that `exec` would have given. */
export interface InsideAnswer extends Answer {
  readonly result: RunResult;
}

/** A probe program that goes on until it is told to end. Disposing of it ends it and all it started. */
export interface Running<A extends Answer> extends AsyncDisposable {
  /** What it had said when it was ready. */
  readonly facts: ReadonlyMap<string, string>;
  /** Closes its standard input, upon which it ends, and gives all that it said. */
  end(): Promise<A>;
  /** Waits until it ends by itself. */
  ended(): Promise<A>;
}

/** How an action is run on the host, for a control. */
export interface OutsideOptions {
  /** As this UID and the GID of the same number, without other groups or capabilities; absent: root. */
  readonly as?: number;
  /** Its root directory, absent: the host's. For one that others may trace: an empty one. */
  readonly root?: string;
  /** In namespaces of its own (mount, PID, network, IPC, UTS), so that nothing of the host changes. */
  readonly isolated?: boolean;
  readonly stdin?: string;
  /** Kills it when it is aborted. */
  readonly signal?: AbortSignal;
  /** Not even an interruption ends it: it clears away what was left on the host. */
  readonly toTheEnd?: true;
}

/** What the host does for a verification. All that it makes goes when it is disposed of. */
export interface VerifyHost extends AsyncDisposable {
  readonly reader: Reader;
  /** The probe program on the host. */
  readonly helperPath: string;
  /** Root's own, mode 0711: everybody can go through it, and nobody can list it. */
  readonly directory: string;
  /** Runs an action on the host. It is killed after 20 seconds. */
  outside(action: Action, options?: OutsideOptions): Promise<Answer>;
  /**
   * Starts an action that says `ready` and goes on until its standard input is closed, or for two
   * minutes.
   */
  startOutside(action: Action, options?: OutsideOptions): Promise<Running<Answer>>;
  /**
   * A new file in `directory` with something in it that nobody can guess.
   * @param mode absent: 0644; `owner`: UID and GID, absent: root
   */
  canary(options?: { readonly mode?: number; readonly owner?: number }): Canary;
  /** Carries a step out, as `apply` would; for what is made in `directory` only. */
  execute(step: Step): Promise<void>;
  /** Empties a home as `exec --clean-home` would; of a tree in `directory` only. */
  emptyHome(tree: string, user: JailUser): Promise<void>;
  /** Runs a tool of the host; a failing exit code is a result. */
  tool(argv: readonly [string, ...string[]]): Promise<{
    readonly exitCode: number | undefined;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export interface Canary {
  readonly path: string;
  readonly text: string;
  /** Is the file as it was made: content, mode, owner, links? */
  isUntouched(): boolean;
}

/** Everything that a probe can do, for one user of one jail. */
export interface Range {
  readonly subject: Subject;
  readonly host: VerifyHost;
  /** The user that the probe is run as. */
  readonly user: JailUser;
  /** Another user of the jail. @throws where there is none: the probe must say `needs` */
  sibling(): JailUser;
  /** A user of another jail. @throws where there is none: the probe must say `needs` */
  neighbour(): Neighbour;
  /** Runs an action in the jail, by the way of `exec`, to its end. */
  inside(action: Action, options?: InsideOptions): Promise<InsideAnswer>;
  /** Starts an action in the jail that says `ready` and goes on until its standard input is closed. */
  startInside(action: Action, options?: InsideOptions): Promise<Running<InsideAnswer>>;
}

/** A user of another jail, and how to run something as that. */
export interface Neighbour {
  readonly jail: JailSettings;
  readonly user: JailUser;
  inside(action: Action, options?: InsideOptions): Promise<InsideAnswer>;
  startInside(action: Action, options?: InsideOptions): Promise<Running<InsideAnswer>>;
}
