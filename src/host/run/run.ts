import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { monotonicMs } from '../../model/monotonic.ts';
import type { RunStreams } from '../../run/run-host.ts';
import type { Measurement } from '../../run/run-result.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { toolEnvironment } from '../path.ts';
import { endProcesses } from '../processes.ts';
import type { Source } from './copy-in.ts';
import { type DiskWatch, watchHome } from './disk-watch.ts';
import { InitChannel, parseReport, SandboxError } from './init-channel.ts';
import { LimitClock } from './limit-clock.ts';
import type { RunPipes } from './pipes.ts';
import type { RunCgroup, Usage } from './run-cgroup.ts';
import { RunCopies } from './run-copies.ts';
import type { RunMeans } from './run-means.ts';
import { StreamRelay } from './streams.ts';

type StoppedBy = NonNullable<Measurement['stoppedBy']>;

/** A run that is told to end does so at once; this long after that it is killed from outside. */
const graceMs = 1000;

/** How often it is looked at whether an engine that has nothing to do any more is still there. */
const engineWatchMs = 100;

/** One run, from the start of its engine to the end of its last process. */
export class Run {
  readonly #spec: RunSpec;
  readonly #means: RunMeans;
  readonly #cgroup: RunCgroup;
  readonly #pipes: RunPipes;
  readonly #channel: InitChannel;
  readonly #copies: RunCopies;
  readonly #clock: LimitClock;
  readonly #relay: StreamRelay;
  readonly #disk: DiskWatch | undefined;
  #engine: ChildProcess | undefined;
  #isReady = false;
  #startsAtMs: number | undefined;
  #started = false;
  #error: unknown;
  #wallTimeMs = 0;
  #usage: Usage | undefined;
  #ended: Measurement['ended'];
  #execErrno: number | undefined;
  #stoppedBy: StoppedBy | undefined;
  #userEnding: Promise<void> = Promise.resolve();
  /** Why the sandbox failed, where it is known. */
  #trouble: string | undefined;

  /** @param sources the files that `spec` has copied in */
  constructor(
    spec: RunSpec,
    streams: RunStreams,
    pipes: RunPipes,
    means: RunMeans,
    cgroup: RunCgroup,
    sources: readonly Source[],
  ) {
    this.#spec = spec;
    this.#means = means;
    this.#cgroup = cgroup;
    this.#pipes = pipes;
    this.#clock = new LimitClock(spec.limits, cgroup, (reason) => this.stop(reason));
    this.#disk = watchHome(spec, () => this.stop('disk'));
    this.#channel = new InitChannel(this.#pipes.status, this.#pipes.lifeline);
    this.#copies = new RunCopies(spec, sources, this.#channel);
    const tooMuch = () => this.stop('output');
    this.#relay = new StreamRelay(this.#pipes, streams, spec.limits.outputBytes, tooMuch);
  }

  /**
   * Ends the run for a reason that is not the program's. The first reason counts. At a limit the
   * program is ended, and what it has made so far is copied out; a caller wants no more of it.
   */
  stop(reason: StoppedBy): void {
    const isOver = this.#usage !== undefined;
    if (isOver && reason !== 'caller') return;
    if (!isOver) {
      this.#stoppedBy = reason;
      this.#measure();
    }
    if (reason === 'caller') this.#channel.cut();
    else this.#channel.tell('end\n');
    // A file is on its way.
    if (reason === 'caller' && isOver) this.#pipes.status.destroy();
    if (this.#means.engine.name === 'chroot') this.#killFromOutside();
    else this.#clock.later(graceMs, () => this.#killFromOutside());
  }

  /** @returns resolves when all of it is over */
  async execute(argv: readonly [string, ...string[]]): Promise<void> {
    const hasInit = this.#means.engine.name !== 'chroot';
    const [command, ...args] = argv;
    const engine = spawn(command, args, {
      cwd: '/',
      // Where crun and runc put their own program for an instant (CVE-2019-5736). Else it would be
      // /tmp for crun, and stay there when that is killed.
      env: { ...toolEnvironment, _LIBCONTAINER_STATEDIR: this.#means.lease.directory },
      stdio: this.#descriptors(),
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
    if (!hasInit) this.#letGo();
    const over = Promise.all([this.#listen(), this.#relay.relay()]);
    await exit;
    await over;
    await this.#disk?.finish();
  }

  /** Of the engine, from 0 on. */
  #descriptors(): number[] {
    const { theirs } = this.#pipes;
    if (this.#means.engine.name === 'chroot') return theirs.slice(0, 3);
    return this.#spec.terminal !== undefined ? [0, 1, 2, ...theirs.slice(3)] : [...theirs];
  }

  /** @returns resolves when process 1 has no more to say */
  async #listen(): Promise<void> {
    const channel = this.#channel;
    try {
      for (let line = await channel.line(); line !== undefined; line = await channel.line()) {
        const report = parseReport(line);
        if (report.kind === 'ready') await this.#onReady();
        else if (report.kind === 'started') this.#started = true;
        else if (report.kind === 'exec-failed') this.#execErrno = report.errno;
        else await this.#onEnd(report.how);
      }
    } catch (error) {
      if (error instanceof SandboxError) this.#trouble = error.message;
      else this.#error = error;
      channel.cut();
      this.#killFromOutside();
    }
  }

  async #onReady(): Promise<void> {
    this.#isReady = true;
    // It is ending then, and has no limits to hold it to.
    if (this.#channel.isCut) return;
    this.#cgroup.begin();
    if (!(await this.#copies.putAll())) return;
    if (this.#copies.hasSources) this.#cgroup.count();
    if (this.#channel.isCut) return;
    this.#letGo();
    await this.#channel.tell('go\n');
  }

  #letGo(): void {
    this.#startsAtMs = monotonicMs();
    this.#relay.programStarts();
    this.#clock.start();
    this.#disk?.start();
  }

  /** Process 1 holds on until its lifeline is cut, so that counters and files are still there. */
  async #onEnd(ended: NonNullable<Measurement['ended']>): Promise<void> {
    if (!this.#channel.isCut) this.#clock.stop();
    if (this.#stoppedBy === undefined) {
      this.#ended = ended;
      this.#measure();
    }
    await this.#copies.getAll();
    this.#channel.cut();
    if (this.#isEngineThere) this.#endEngine(graceMs);
  }

  /**
   * Process 1 is gone, and the engine ends by itself. But runc copies what the program writes, as
   * long as somebody has the other end: it is killed, unless it is a slow taker that it waits for.
   */
  #endEngine(leftMs: number): void {
    this.#clock.later(engineWatchMs, () => {
      const left = this.#relay.isPaused ? leftMs : leftMs - engineWatchMs;
      if (left > 0) this.#endEngine(left);
      else this.#killFromOutside();
    });
  }

  get #isEngineThere(): boolean {
    const engine = this.#engine;
    return engine?.pid !== undefined && engine.exitCode === null && engine.signalCode === null;
  }

  #onEngineExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#clock.stop();
    this.#relay.finish();
    if (this.#means.engine.name !== 'chroot') {
      // Somebody may have killed the runtime, and process 1 lives on.
      if (this.#usage === undefined) this.#measure();
      this.#channel.cut();
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
    this.#wallTimeMs = this.#startsAtMs === undefined ? 0 : monotonicMs() - this.#startsAtMs;
    this.#usage = this.#cgroup.usage();
  }

  #killFromOutside(): void {
    this.#cgroup.kill();
    if (this.#means.engine.name === 'chroot') {
      // One after the other: the last one must not reach into the user's next run.
      const end = () => endProcesses(this.#means.sweepPath, [this.#spec.user.uid]);
      this.#userEnding = this.#userEnding.then(end);
      this.#userEnding.catch(() => {});
    }
    this.#engine?.kill('SIGKILL');
  }

  /**
   * Whatever happened: nothing of ours stays open, and the engine is gone.
   * @throws Failure when a process of the user does not end
   */
  async close(): Promise<void> {
    this.#clock.stop();
    this.#disk?.stop();
    this.#channel.cut();
    const { stdin, stdout, stderr, status } = this.#pipes;
    for (const socket of [stdin, stdout.socket, stderr.socket, status]) socket.destroy();
    if (this.#isEngineThere) {
      const exit = new Promise((resolve) => this.#engine?.once('exit', resolve));
      this.#killFromOutside();
      await exit;
    }
    await this.#userEnding;
  }

  /** @throws what went wrong in jailctl itself */
  measurement(log: string): Measurement {
    if (this.#error !== undefined) throw this.#error;
    const failure = this.#failure(log);
    const { putFailed } = this.#copies;
    const last = this.#cgroup.usage();
    const usage = this.#usage ?? last;
    return {
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      ...(this.#stoppedBy === undefined ? {} : { stoppedBy: this.#stoppedBy }),
      ...(this.#execErrno === undefined ? {} : { execErrno: this.#execErrno }),
      ...(putFailed === undefined ? {} : { putFailed }),
      ...(failure === undefined ? {} : { failure }),
      ...usage,
      wallTimeMs: this.#wallTimeMs,
      cpuTimeMs: Math.max(usage.cpuTimeMs, 0),
      memoryKills: Math.max(usage.memoryKills, last.memoryKills),
      outputBytes: this.#relay.passedBytes,
      outputCut: this.#relay.cut,
      copiedOut: this.#copies.copiedOut(this.#started),
      ...(this.#disk === undefined ? {} : { homeBytes: this.#disk.bytesSeen }),
    };
  }

  /** What a runtime removes at once can't tell any more whether it was the memory. */
  #deathOfInit(): string {
    const what = 'process 1 of the run was killed before it could start the program';
    return !this.#copies.hasSources ? what : `${what}: is there memory for what is copied in?`;
  }

  #failure(log: string): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    const wasStarted = this.#started || this.#execErrno !== undefined;
    const { putFailed } = this.#copies;
    if (wasStarted || putFailed !== undefined || this.#stoppedBy !== undefined) {
      return undefined;
    }
    if (this.#isReady) return this.#deathOfInit();
    // The log says the same in a form for programs, and more for other runtimes.
    const complaint = this.#relay.complaint || log.trim() || 'it said nothing';
    return `${this.#means.engine.name} did not start the program: ${complaint}`;
  }
}
