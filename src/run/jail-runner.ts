import type { Checked } from '../model/diagnostic.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { quote } from '../model/problem.ts';
import type { HomeMode, JailSettings, JailUser } from '../model/settings.ts';
import { bundleConfig } from './bundle.ts';
import { runEnvironment } from './environment.ts';
import { judge } from './judge.ts';
import { type Enforcement, enforcementOf, missingEnforcement } from './layers.ts';
import { LeasePool } from './lease-pool.ts';
import { type LimitOverride, mergeLimits } from './limits.ts';
import type { OciConfig } from './oci.ts';
import type { LeasedUser, RunHost, RunStreams } from './run-host.ts';
import type { RunResult } from './run-result.ts';
import type { FileCopy, RunSpec, TerminalSize } from './run-spec.ts';

/** One program that somebody wants to run. What is absent is as the jail has it. */
export interface RunRequest {
  readonly argv: readonly [string, ...string[]];
  /** A static program that stands for `argv[0]`: its path on the host (RunSpec). */
  readonly helper?: string;
  /** Absent: whichever user is free. */
  readonly user?: string;
  readonly limits?: readonly LimitOverride[];
  /** May limits be weaker than those of the jail? */
  readonly allowRaise?: boolean;
  readonly variables?: readonly (readonly [name: string, value: string])[];
  readonly home?: HomeMode;
  /** Empty the home after the run. */
  readonly cleanHome?: boolean;
  readonly terminal?: TerminalSize;
  readonly copyIn?: readonly FileCopy[];
  readonly copyOut?: readonly FileCopy[];
}

/** A run with nothing left to choose, and what will hold it. */
export interface PreparedRun {
  readonly spec: RunSpec;
  readonly enforcement: Enforcement;
  /** Absent for the engine `chroot`. */
  readonly config: OciConfig | undefined;
}

/** The jail and its host, as runs need them. */
export interface RunnerMeans {
  readonly host: RunHost;
  /** The jail is not jailctl's. */
  readonly isForeign?: true;
  /** The jail as it is applied now. @throws Failure when it is gone */
  settings(): JailSettings;
  /** @throws Failure when the packet rules are not there that the run relies on */
  requireFence(spec: RunSpec): void;
}

/** @throws Failure with exit code 3 for what the caller wrote wrong, all of it at once */
export function requireGood<T>(results: readonly Checked<T>[]): readonly T[] {
  const wrong = results.flatMap((result) => (result.ok ? [] : result.diagnostics));
  const [first] = wrong;
  if (first === undefined) return results.flatMap((result) => (result.ok ? [result.value] : []));
  throw new Failure(wrong.map(({ message }) => message).join('; '), {
    exitCode: exitCode.usage,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** A login and a run of one user are no strangers to the kernel: nobody gets the other unasked. */
function requireNoLogins({ name, login, users }: JailSettings): void {
  if (login === 'none') return;
  throw new Failure(
    `users of jail ${name} may be logged in: a login and a run of one user can see and end one another`,
    {
      exitCode: exitCode.usage,
      hint: `name a user, whose login may end: ${name}/${users.at(-1)?.name}`,
    },
  );
}

/** The users that may run the program. */
function usersOf(
  jail: JailSettings,
  wanted: string | undefined,
): readonly [JailUser, ...JailUser[]] {
  const users = jail.users.filter((user) => wanted === undefined || user.name === wanted);
  if (wanted === undefined && users.length > 0) requireNoLogins(jail);
  const [first, ...others] = users;
  if (first !== undefined) return [first, ...others];
  const names = jail.users.map((user) => user.name);
  const message =
    wanted === undefined
      ? `jail ${jail.name} has no users`
      : `jail ${jail.name} has no user ${wanted}`;
  throw new Failure(message, {
    exitCode: exitCode.usage,
    hint: names.length === 0 ? 'give it some in the manifest' : `there are: ${names.join(', ')}`,
  });
}

/** execve(2) takes texts that end with a zero byte; JSON for the runtime, well-formed ones. */
function requireWords(argv: readonly string[]): void {
  if (argv.length === 0) throw new Failure('which program?', { exitCode: exitCode.usage });
  const bad = argv.find((word) => word.includes('\0') || !word.isWellFormed());
  if (bad === undefined) return;
  const why = bad.includes('\0') ? 'has a zero byte' : 'is not well-formed Unicode';
  throw new Failure(`the argument ${quote(bad)} ${why}`, { exitCode: exitCode.usage });
}

/** What plain chroot(1) can't do must not be left out in silence. */
function requireRuntime({ engine, home, terminal, copyIn, copyOut }: RunSpec): void {
  if (engine !== 'chroot') return;
  const wish =
    (home === 'fresh' && 'an empty home') ||
    (terminal !== undefined && 'a terminal') ||
    (copyIn.length + copyOut.length > 0 && 'files copied in or out');
  if (wish === false) return;
  throw new Failure(`the engine chroot can't give a run ${wish}`, {
    exitCode: exitCode.usage,
    hint: 'take an OCI runtime: apt-get install crun (or runc)',
  });
}

function requireEnforcement(spec: RunSpec, enforcement: Enforcement): void {
  const missing = missingEnforcement(spec, enforcement, new Set(spec.jail.optional));
  const [first] = missing;
  if (first === undefined) return;
  throw new Failure(`the program was not run: ${missing.map((one) => one.message).join('; ')}`, {
    exitCode: exitCode.sandbox,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** Runs programs in one jail, many at once if it has the users. */
export class JailRunner implements AsyncDisposable {
  readonly host: RunHost;
  readonly #means: RunnerMeans;
  readonly #pool: LeasePool;

  constructor(means: RunnerMeans) {
    this.#means = means;
    this.host = means.host;
    this.#pool = new LeasePool(means.host);
  }

  /**
   * What a run will be, by the first user of the jail that may run it. Nobody is leased.
   * @throws Failure with exit code 3 for a bad wish, 125 for a layer that can't be had
   */
  preview(request: RunRequest): PreparedRun {
    const jail = this.#means.settings();
    const [user] = usersOf(jail, request.user);
    return this.#prepare(request, user, jail);
  }

  #prepare(request: RunRequest, user: JailUser, jail: JailSettings): PreparedRun {
    const { argv, limits = [], allowRaise = false, variables = [] } = request;
    const { host } = this;
    requireWords(argv);
    const merged = requireGood([mergeLimits(jail.limits, limits, allowRaise)]);
    const spec: RunSpec = {
      jail,
      user,
      engine: host.engine,
      argv,
      ...(request.helper !== undefined && { helper: request.helper }),
      ...(this.#means.isForeign && { isForeign: true }),
      env: runEnvironment(jail, user, variables),
      workingDirectory: `/home/${user.name}`,
      limits: merged[0] ?? jail.limits,
      home: request.home ?? jail.home,
      ...(request.terminal !== undefined && { terminal: request.terminal }),
      copyIn: request.copyIn ?? [],
      copyOut: request.copyOut ?? [],
    };
    requireRuntime(spec);
    const enforcement = enforcementOf(spec, host.enforcement);
    requireEnforcement(spec, enforcement);
    this.#means.requireFence(spec);
    const config = host.bundleHost && bundleConfig(spec, host.bundleHost);
    return { spec, enforcement, config };
  }

  /**
   * Runs one program.
   * @param canWait for a free user, until the signal is aborted
   * @throws Failure with exit code 3 for a bad wish, 5 when every user is busy, 125 when the
   *   sandbox can't be made
   */
  async run(
    request: RunRequest,
    streams: RunStreams,
    signal: AbortSignal,
    canWait: boolean,
  ): Promise<RunResult> {
    const users = usersOf(this.#means.settings(), request.user);
    const lease = await this.#pool.take(users, canWait ? signal : undefined);
    try {
      return await this.#runAs(lease, request, streams, signal);
    } finally {
      this.#pool.give(lease);
    }
  }

  async #runAs(
    lease: LeasedUser,
    request: RunRequest,
    streams: RunStreams,
    signal: AbortSignal,
  ): Promise<RunResult> {
    // While the user was waited for, the jail may have changed, or gone.
    const jail = this.#means.settings();
    const [user] = usersOf(jail, lease.user.name);
    if (user.uid !== lease.user.uid) {
      throw new Failure(`the user ${lease.user.name} was made anew meanwhile`, {
        exitCode: exitCode.sandbox,
        hint: 'run the program again',
      });
    }
    const { spec, enforcement, config } = this.#prepare(request, user, jail);
    try {
      const measured = await lease.run(spec, config, streams, signal);
      return judge(spec, measured, enforcement.layers, enforcement.limits);
    } finally {
      if (request.cleanHome === true) await lease.emptyHome(jail);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}
