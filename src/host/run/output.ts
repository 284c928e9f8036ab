import type { Readable, Writable } from 'node:stream';

/** How much a run may write, on stdout and stderr together. */
export class OutputBudget {
  readonly #limitBytes: number;
  readonly #onExceeded: () => void;
  #passedBytes = 0;
  #cut = false;

  /** @param onExceeded called once, at the first byte too many */
  constructor(limitBytes: number, onExceeded: () => void) {
    this.#limitBytes = limitBytes;
    this.#onExceeded = onExceeded;
  }

  /** The part of a chunk that may be passed on. */
  admit(chunk: Buffer): Buffer {
    const admitted = chunk.subarray(0, this.#limitBytes - this.#passedBytes);
    this.#passedBytes += admitted.length;
    if (admitted.length < chunk.length && !this.#cut) {
      this.#cut = true;
      this.#onExceeded();
    }
    return admitted;
  }

  get passedBytes(): number {
    return this.#passedBytes;
  }

  get cut(): boolean {
    return this.#cut;
  }
}

/**
 * Passes on what a run writes, byte for byte, no faster than it is taken. When the taker goes away,
 * the pipe is closed, and the program meets SIGPIPE as it would without us.
 * @returns resolves when the run's end of the pipe is closed and all has been passed on
 */
export function passOn(from: Readable, to: Writable, budget: OutputBudget): Promise<void> {
  const goOn = () => from.resume();
  const giveUp = () => from.destroy();
  from.on('data', (chunk: Buffer) => {
    const admitted = budget.admit(chunk);
    if (admitted.length === 0 || to.write(admitted)) return;
    from.pause();
    to.once('drain', goOn);
  });
  to.once('close', giveUp).once('error', giveUp);
  return new Promise((resolve) => {
    from.once('error', giveUp).once('close', () => {
      to.off('drain', goOn).off('close', giveUp).off('error', giveUp);
      resolve();
    });
  });
}
