import type { Writable } from 'node:stream';
import type { RunStreams } from '../../run/run-host.ts';
import { OutputBudget, passOn } from './output.ts';
import { finishOutput, type RunPipes } from './pipes.ts';

/** Of what a runtime complains of. */
export const complaintBytesMax = 64 * 1024;

/** Waits until a taker has taken what it was given, or does not want it. */
async function taken(by: Writable): Promise<void> {
  if (!by.writableNeedDrain || by.destroyed) return;
  const events = ['drain', 'finish', 'close', 'error'];
  await new Promise<void>((resolve) => {
    const over = () => {
      for (const event of events) by.off(event, over);
      resolve();
    };
    for (const event of events) by.on(event, over);
  });
}

/** What goes into a program and comes out of it. */
export class StreamRelay {
  readonly #pipes: RunPipes;
  readonly #streams: RunStreams;
  readonly #budget: OutputBudget;
  #complaint = '';
  #isProgram = false;
  #onProgram: () => void = () => {};

  /** @param onExceeded called when there is more output than `limitBytes`, stdout and stderr together */
  constructor(pipes: RunPipes, streams: RunStreams, limitBytes: number, onExceeded: () => void) {
    this.#pipes = pipes;
    this.#streams = streams;
    this.#budget = new OutputBudget(limitBytes, onExceeded);
  }

  get passedBytes(): number {
    return this.#budget.passedBytes;
  }

  get cut(): boolean {
    return this.#budget.cut;
  }

  /** Whether a slow taker is waited for. */
  get isPaused(): boolean {
    return this.#pipes.stdout.socket.isPaused() || this.#pipes.stderr.socket.isPaused();
  }

  /** What the runtime wrote to stderr while there was no program. */
  get complaint(): string {
    return this.#complaint.trim();
  }

  /** From now on, stderr is the program's. */
  programStarts(): void {
    this.#isProgram = true;
    this.#onProgram();
  }

  /**
   * The run is over. Its ends of the pipes may still be open: a program can hand its descriptors
   * to one that outlives it (SCM_RIGHTS, unix(7)), and that one must not be waited for, nor heard.
   */
  finish(): void {
    if (this.#streams === 'terminal') return;
    finishOutput(this.#pipes.stdout);
    finishOutput(this.#pipes.stderr);
  }

  /** @returns resolves when the run is over or has closed its ends, and all has been taken */
  async relay(): Promise<void> {
    if (this.#streams === 'terminal') return;
    const { stdin, stdout, stderr } = this.#streams;
    const pipes = this.#pipes;
    // The program need not read what it is given.
    pipes.stdin.on('error', () => {});
    if (stdin === undefined) pipes.stdin.destroy();
    else stdin.once('error', () => pipes.stdin.destroy()).pipe(pipes.stdin);
    const complain = (chunk: Buffer) => {
      if (this.#complaint.length < complaintBytesMax) this.#complaint += chunk.toString();
    };
    pipes.stderr.socket.on('data', complain);
    const stderrOver = new Promise<void>((resolve) => {
      this.#onProgram = () => {
        pipes.stderr.socket.off('data', complain);
        passOn(pipes.stderr.socket, stderr, this.#budget).then(resolve);
      };
      if (this.#isProgram) this.#onProgram();
      pipes.stderr.socket.once('close', () => resolve());
    });
    await Promise.all([passOn(pipes.stdout.socket, stdout, this.#budget), stderrOver]);
    stdin?.unpipe(pipes.stdin);
    await Promise.all([taken(stdout), taken(stderr)]);
  }
}
