import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Measurement } from '../../run/run-result.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { toolEnvironment } from '../path.ts';
import { endProcesses } from '../processes.ts';
import { isErrno } from './cgroup-files.ts';
import type { Cgroups } from './cgroups.ts';
import type { Engine } from './engine.ts';
import type { Lease } from './lease.ts';
import { OutputBudget, passOn } from './output.ts';
import { openPipes, type RunPipes } from './pipes.ts';
import type { RunCgroup, Usage } from './run-cgroup.ts';

/** Where the streams of a run come from and go to. */
export interface RunStreams {
  /** Absent: the program's standard input is empty. */
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** With what a program is run. */
export interface RunMeans {
  readonly engine: Engine;
  readonly cgroups: Cgroups;
  /** Of the user that `spec` names. */
  readonly lease: Lease;
}

type StoppedBy = NonNullable<Measurement['stoppedBy']>;

/** How often the CPU time is looked at: at least, and at most. */
const watchMsMin = 5;
const watchMsMax = 1000;
/** A run whose lifeline is cut ends at once; this long after that it is killed from outside. */
const graceMs = 1000;
/** Of what a runtime complains of. */
export const complaintBytesMax = 64 * 1024;

/** One run, from the start of its engine to the end of its last process. */
export class Run {
  readonly #spec: RunSpec;
  readonly #means: RunMeans;
  readonly #cgroup: RunCgroup;
  readonly #pipes: RunPipes;
  readonly #budget: OutputBudget;
  #engine: ChildProcess | undefined;
  #lifelineIsCut = false;
  /** What the runtime wrote to stderr while there was no program. */
  #complaint = '';
  #said = '';
  #readyAtMs: number | undefined;
  #started = false;
  #error: unknown;
  #wallTimeMs = 0;
  #usage: Usage | undefined;
  #ended: Measurement['ended'];
  #execErrno: number | undefined;
  #stoppedBy: StoppedBy | undefined;
  #userEnding: Promise<void> = Promise.resolve();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(spec: RunSpec, means: RunMeans, cgroup: RunCgroup) {
    this.#spec = spec;
    this.#means = means;
    this.#cgroup = cgroup;
    this.#pipes = openPipes(means.lease.directory);
    this.#budget = new OutputBudget(spec.limits.outputBytes, () => this.stop('output'));
  }

  /** Ends the run for a reason that is not the program's. The first reason counts. */
  stop(reason: StoppedBy): void {
    if (this.#stoppedBy !== undefined || this.#wallTimeMs > 0) return;
    this.#stoppedBy = reason;
    this.#measure();
    this.#cutLifeline();
    if (this.#means.engine.name === 'chroot') this.#killFromOutside();
    else this.#later(graceMs, () => this.#killFromOutside());
  }

  /** @returns resolves when all of it is over */
  async execute(argv: readonly [string, ...string[]], streams: RunStreams): Promise<void> {
    const hasInit = this.#means.engine.name !== 'chroot';
    const [command, ...args] = argv;
    const engine = spawn(command, args, {
      cwd: '/',
      env: toolEnvironment,
      stdio: hasInit ? [...this.#pipes.theirs] : this.#pipes.theirs.slice(0, 3),
    });
    this.#engine = engine;
    const exit = new Promise<void>((resolve, reject) => {
      engine.once('error', reject);
      engine.once('exit', (code, signal) => {
        this.#onEngineExit(code, signal);
        resolve();
      });
    });
    this.#means.lease.running(engine.pid ?? 0);
    for (const descriptor of this.#pipes.theirs) closeSync(descriptor);
    if (!hasInit) this.#onReady();
    const over = this.#connect(streams);
    await exit;
    await over;
  }

  #connect({ stdin, stdout, stderr }: RunStreams): Promise<unknown> {
    const pipes = this.#pipes;
    // The program need not read what it is given.
    pipes.stdin.on('error', () => {});
    if (stdin === undefined) pipes.stdin.destroy();
    else stdin.once('error', () => pipes.stdin.destroy()).pipe(pipes.stdin);
    pipes.status.setEncoding('utf8').on('data', (text: string) => this.#onStatus(text));
    const statusOver = new Promise((resolve) => pipes.status.once('close', resolve));
    const complain = (chunk: Buffer) => {
      if (this.#complaint.length < complaintBytesMax) this.#complaint += chunk.toString();
    };
    pipes.stderr.on('data', complain);
    const stderrOver = new Promise<void>((resolve) => {
      this.#whenReady = () => {
        pipes.stderr.off('data', complain);
        passOn(pipes.stderr, stderr, this.#budget).then(resolve);
      };
      if (this.#readyAtMs !== undefined) this.#whenReady();
      pipes.stderr.once('close', () => resolve());
    });
    const stdoutOver = passOn(pipes.stdout, stdout, this.#budget);
    return Promise.all([statusOver, stdoutOver, stderrOver]).then(() => stdin?.unpipe(pipes.stdin));
  }

  #whenReady: () => void = () => {};

  #onStatus(text: string): void {
    const lines = (this.#said + text).split('\n');
    this.#said = lines.pop() ?? '';
    for (const line of lines) {
      const [word, number = ''] = line.split(' ');
      if (word === 'ready') this.#onReady();
      else if (word === 'started') this.#started = true;
      else if (word === 'exec-failed') this.#execErrno = Number(number);
      else if (word === 'exited') this.#onEnd({ exitCode: Number(number) });
      else if (word === 'signalled') this.#onEnd({ signal: Number(number) });
    }
  }

  #onReady(): void {
    const hasInit = this.#means.engine.name !== 'chroot';
    try {
      if (hasInit) this.#cgroup.begin();
      this.#readyAtMs = performance.now();
      if (hasInit && !this.#lifelineIsCut) writeSync(this.#pipes.lifeline, 'g');
    } catch (error) {
      // The end of process 1 is seen elsewhere.
      if (!isErrno(error, 'EPIPE')) this.#error = error;
      this.#cutLifeline();
      return;
    }
    this.#whenReady();
    this.#later(this.#spec.limits.wallTimeSeconds * 1000, () => this.stop('wall_time'));
    this.#watch();
  }

  /** Looks again when the limit can be reached at the earliest. */
  #watch(): void {
    const { cpuTimeSeconds, cpus } = this.#spec.limits;
    this.#cgroup.sample();
    const leftMs = cpuTimeSeconds * 1000 - this.#cgroup.cpuTimeMs();
    if (leftMs <= 0) {
      this.stop('cpu_time');
      return;
    }
    const parallel = Math.min(cpus ?? Number.POSITIVE_INFINITY, availableParallelism());
    const soonest = leftMs / parallel;
    this.#later(Math.min(Math.max(soonest, watchMsMin), watchMsMax), () => this.#watch());
  }

  #later(afterMs: number, what: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what();
    }, afterMs);
    this.#timers.add(timer);
  }

  /** Process 1 holds on until its lifeline is cut, so that the counters are still there. */
  #onEnd(ended: NonNullable<Measurement['ended']>): void {
    if (this.#stoppedBy === undefined) {
      this.#ended = ended;
      this.#measure();
    }
    this.#cutLifeline();
  }

  #onEngineExit(code: number | null, signal: NodeJS.Signals | null): void {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#means.engine.name !== 'chroot') {
      // Somebody may have killed the runtime, and process 1 lives on.
      if (this.#usage === undefined) this.#measure();
      this.#cutLifeline();
      if (this.#ended === undefined) this.#cgroup.kill();
      return;
    }
    this.#started = true;
    if (code !== null) this.#onEnd({ exitCode: code });
    else this.#onEnd({ signal: constants.signals[signal as NodeJS.Signals] });
    // It has no process 1: what it has started lives on, and holds the pipes open.
    this.#killFromOutside();
    this.#pipes.status.destroy();
  }

  #measure(): void {
    this.#wallTimeMs = this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs;
    this.#usage = this.#cgroup.usage();
  }

  #cutLifeline(): void {
    if (this.#lifelineIsCut) return;
    this.#lifelineIsCut = true;
    closeSync(this.#pipes.lifeline);
  }

  #killFromOutside(): void {
    this.#cgroup.kill();
    if (this.#means.engine.name === 'chroot') {
      // One after the other: the last one must not reach into the user's next run.
      this.#userEnding = this.#userEnding.then(() => endProcesses([this.#spec.user.uid]));
      this.#userEnding.catch(() => {});
    }
    this.#engine?.kill('SIGKILL');
  }

  /**
   * Whatever happened: nothing of ours stays open, and the engine is gone.
   * @throws Failure when a process of the user does not end
   */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#cutLifeline();
    const { stdin, stdout, stderr, status } = this.#pipes;
    for (const socket of [stdin, stdout, stderr, status]) socket.destroy();
    const engine = this.#engine;
    if (engine?.pid !== undefined && engine.exitCode === null && engine.signalCode === null) {
      const exit = new Promise((resolve) => engine.once('exit', resolve));
      this.#killFromOutside();
      await exit;
    }
    await this.#userEnding;
  }

  /** @throws what went wrong in jailctl itself */
  measurement(log: string): Measurement {
    if (this.#error !== undefined) throw this.#error;
    const failure = this.#failure(log);
    const last = this.#cgroup.usage();
    const usage = this.#usage ?? last;
    return {
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      ...(this.#stoppedBy === undefined ? {} : { stoppedBy: this.#stoppedBy }),
      ...(this.#execErrno === undefined ? {} : { execErrno: this.#execErrno }),
      ...(failure === undefined ? {} : { failure }),
      ...usage,
      wallTimeMs: this.#wallTimeMs,
      cpuTimeMs: Math.max(usage.cpuTimeMs, 0),
      memoryKills: Math.max(usage.memoryKills, last.memoryKills),
      outputBytes: this.#budget.passedBytes,
      outputCut: this.#budget.cut,
    };
  }

  #failure(log: string): string | undefined {
    if (this.#started || this.#execErrno !== undefined || this.#stoppedBy !== undefined) {
      return undefined;
    }
    // The log says the same in a form for programs, and more for other runtimes.
    const complaint = this.#complaint.trim() || log.trim() || 'it said nothing';
    return `${this.#means.engine.name} did not start the program: ${complaint}`;
  }
}
