import type { Readable } from 'node:stream';
import type { Lines } from '../host/input.ts';
import type { Lock } from '../host/lock.ts';
import type { ThrowawayHost, ThrowawayOptions } from '../host/throwaway.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Reader } from '../model/reader.ts';
import type { RunFacts } from '../model/run-facts.ts';
import type { EngineName } from '../model/settings.ts';
import type { Step } from '../model/step.ts';
import type { RunHost } from '../run/run-host.ts';
import type { TryWeakening } from '../verify/mutate.ts';
import type { VerifyHost } from '../verify/range.ts';

/** Where a command's words go: results to stdout, progress and complaints to stderr. */
export interface Output {
  result(text: string): void;
  notice(text: string): void;
  /** The stream of the results, for what must know where they go. */
  readonly resultStream: NodeJS.WriteStream;
  /** The stream of the notices, for what draws on it. */
  readonly noticeStream: NodeJS.WriteStream;
}

/** What a command line needs as long as no command runs. */
export interface Start {
  /** Of jailctl. */
  readonly version: string;
  readonly output: Output;
  /** Loads what commands need: `--version` and `--help` do not wait for it. */
  openContext(): Promise<Context>;
}

/** Everything that a command needs of the world, handed in by main. */
export interface Context {
  readonly reader: Reader;
  execute(step: Step): Promise<void>;
  /** Writes a new text file and the directories that lead to it; never over an existing one. */
  createFile(path: string, text: string): void;
  /**
   * Opens a text file, over an existing one too, for what is written there later.
   * @throws Failure with exit code 3 when it can't be opened, or written
   */
  openReport(path: string): (text: string) => void;
  /**
   * Writes a file for its owner alone, in one step; over nothing but an older one of its kind.
   * @param isOurs is this the beginning of one?
   * @throws Failure with exit code 3 when something else is in the way, or it can't be written
   */
  writeOwnFile(path: string, text: string, isOurs: (text: string) => boolean): void;
  /** Opens a file of the host for reading. @throws Failure with exit code 3 when it can't be read */
  openInput(path: string): Promise<Readable>;
  /**
   * The lines of a file, or, for `-`, of standard input as they come.
   * @throws Failure with exit code 3 when it can't be read
   */
  openLines(path: string, signal: AbortSignal): Promise<Lines>;
  /** @throws MissingToolError when a run that changes the host would miss a host tool */
  requireTools(): void;
  takeLock(command: string): Lock;
  /** Writes down what was changed. @throws Error when it can't be written */
  writeJournal(entries: readonly JournalEntry[]): Promise<void>;
  createThrowawayHost(options?: ThrowawayOptions): Promise<ThrowawayHost>;
  /** @throws Failure with exit code 7 when this host has nothing to run programs with */
  openRuns(engine: EngineName | undefined): Promise<RunHost>;
  /** What this host has to run programs with; only looks. */
  inspectRuns(): RunFacts;
  /** @throws Failure with the end of its output, when it fails */
  runPackageManager(
    argv: readonly [string, ...string[]],
    onLine: (line: string) => void,
  ): Promise<void>;
  /** @throws Failure with exit code 7 without the probe program */
  openVerify(): Promise<VerifyHost>;
  /** Puts the probe program into a jail; it is taken out again when this is disposed of. */
  placeHelper(helper: string, jail: string): Promise<Disposable & { readonly path: string }>;
  /** Gives directories their modification times back when it is disposed of. */
  keepTimes(directories: readonly string[]): Promise<Disposable>;
  /** Waits until no other verification has users of two jails. */
  takeTurn(signal: AbortSignal): Promise<Disposable>;
  /** Takes a layer away on a throwaway host, and verifies two jails there. */
  readonly tryWeakening: TryWeakening;
  readonly output: Output;
  readonly isRoot: boolean;
  /** Can a person answer a question? */
  readonly canAsk: boolean;
  /** May progress be drawn over itself on stderr? False in CI and in pipes. */
  readonly canDraw: boolean;
  /** How jailctl was started, to start it again elsewhere: the Node binary and the script. */
  readonly self: readonly [string, string];
  /** Of jailctl. */
  readonly version: string;
  /** The directory of the package: its schemas, requirement files and example manifest. */
  readonly packageRoot: string;
  readonly workingDirectory: string;
  now(): number;
  /** Asks a question and gives the line that was typed; the empty text when there is no more. */
  ask(question: string): Promise<string>;
}
