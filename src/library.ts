/**
 * Jails as a library: `import { openJail } from 'jailctl'`. Needs root, and jails that
 * `jailctl apply` has made. A run costs the start of the program and of its runtime, and no more.
 *
 * @example
 * await using jail = await openJail('web');
 * const { status, stdout } = await jail.exec(['python3', 'main.py'], { stdin: '3 4\n' });
 *
 * @module
 */
import { resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hostReader } from './host/reader.ts';
import { openHostRuns } from './host/run/host-runs.ts';
import { exitCode } from './model/exit-code.ts';
import { Failure } from './model/failure.ts';
import type { EngineName, HomeMode, Limits } from './model/settings.ts';
import { Collector } from './run/collector.ts';
import { checkCopy } from './run/copies.ts';
import { checkVariable } from './run/environment.ts';
import { type RunRequest, requireGood } from './run/jail-runner.ts';
import { limitOverrides } from './run/limits.ts';
import { openRunner } from './run/open-runner.ts';
import type { RunResult } from './run/run-result.ts';
import type { FileCopy } from './run/run-spec.ts';

export { Failure } from './model/failure.ts';
export type { EngineName, HomeMode, Limits } from './model/settings.ts';
export type { CopiedOut, LayerState, RunResult, RunStatus } from './run/run-result.ts';
export type { FileCopy } from './run/run-spec.ts';

export interface OpenOptions {
  /** What starts programs. Absent: what the jail says, else the best that the host has. */
  readonly engine?: EngineName;
}

/** How one program is run. What is absent is as the jail has it. */
export interface ExecOptions {
  /** Absent: whichever user of the jail is free; when none is, the run waits for one. */
  readonly user?: string;
  /** What the program can read. Absent: nothing. A stream is read as fast as the program reads. */
  readonly stdin?: string | Uint8Array | Readable;
  /** Where the program's output goes. Absent: into the result. It is not ended. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Stricter than those of the jail, in bytes and seconds. */
  readonly limits?: Partial<Limits>;
  /** May limits be weaker than those of the jail? */
  readonly allowRaise?: boolean;
  /** Added to the jail's variables. Nothing of this process's environment gets into a run. */
  readonly env?: Readonly<Record<string, string>>;
  /** `fresh`: an empty home in memory, gone after the run. */
  readonly home?: HomeMode;
  /** Empty the user's home after the run. */
  readonly cleanHome?: boolean;
  /** `from` is a path of the host; `to` a path in the jail, from the home if relative. */
  readonly copyIn?: readonly FileCopy[];
  /** `from` is a path in the jail; `to` a path of the host. */
  readonly copyOut?: readonly FileCopy[];
  /**
   * Ends the run when it is aborted; its result then has the status `sandbox_error`. A run that still
   * waits for a user has none: it fails with exit code 130.
   */
  readonly signal?: AbortSignal;
}

/** What a run was, and what it wrote; empty where that went to a stream of the caller. */
export interface ExecResult extends RunResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A jail that programs can be run in, many at once if it has the users. */
export interface Jail extends AsyncDisposable {
  readonly name: string;
  readonly engine: EngineName;
  /**
   * Runs one program. However it ends, that is a result and not an error.
   * @throws Failure with exit code 3 for options that can't be, or when the jail is gone; 125 when
   *   the sandbox can't be made; 130 when it is aborted before a user is free
   */
  exec(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Gives back the users that runs have used. Runs that go on keep theirs until they end. A jail
   * that is not closed keeps this process running.
   */
  close(): Promise<void>;
}

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

function requestOf(argv: readonly [string, ...string[]], options: ExecOptions): RunRequest {
  const { user, limits = {}, allowRaise, env = {}, home, cleanHome, copyIn, copyOut } = options;
  const variables = Object.entries(env).map(([name, value]) => checkVariable(name, value));
  return {
    argv,
    ...(user !== undefined && { user }),
    limits: requireGood([limitOverrides(limits)]).flat(),
    allowRaise: allowRaise === true,
    variables: requireGood(variables),
    ...(home !== undefined && { home }),
    cleanHome: cleanHome === true,
    copyIn: requireGood(
      (copyIn ?? []).map(({ from, to }) => checkCopy({ from: resolve(from), to }, 'in')),
    ),
    copyOut: requireGood(
      (copyOut ?? []).map(({ from, to }) => checkCopy({ from, to: resolve(to) }, 'out')),
    ),
  };
}

function inputOf(stdin: ExecOptions['stdin']): { readonly stdin?: Readable } {
  if (stdin === undefined) return {};
  if (stdin instanceof Readable) return { stdin };
  return { stdin: Readable.from([Buffer.from(stdin)]) };
}

/**
 * Opens a jail of this host.
 * @param name as in the manifest
 * @throws Failure with exit code 3 when there is no such jail, 7 for anybody but root, and when the
 *   host has nothing to run programs with
 */
export async function openJail(name: string, options: OpenOptions = {}): Promise<Jail> {
  if (process.geteuid?.() !== 0) {
    throw new Failure('only root can run programs in jails', { exitCode: exitCode.missing });
  }
  const openRuns = async (engine?: EngineName) => openHostRuns(engine, packageRoot);
  const runner = await openRunner(hostReader, name, options.engine, openRuns);
  const close = () => runner[Symbol.asyncDispose]();
  return {
    name,
    engine: runner.host.engine,
    exec: async (argv, options = {}) => {
      const [stdout, stderr] = [new Collector(), new Collector()];
      const streams = {
        ...inputOf(options.stdin),
        stdout: options.stdout ?? stdout,
        stderr: options.stderr ?? stderr,
      };
      const signal = options.signal ?? new AbortController().signal;
      const result = await runner.run(requestOf(argv, options), streams, signal, true);
      return { ...result, stdout: stdout.bytes(), stderr: stderr.bytes() };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
