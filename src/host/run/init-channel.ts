import type { Socket } from 'node:net';
import { isErrno } from '../errno.ts';

/** Of a line that process 1 says. */
const lineBytesMax = 64;

const newline = 0x0a;

/** Why the sandbox of a run failed: nothing that the caller wrote, and no fault in jailctl. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}

/** Process 1 is ours: where it talks so, something else has taken its place. */
export function nonsense(): SandboxError {
  return new SandboxError('process 1 of the run says what it never would');
}

/** What process 1 tells by itself. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started' }
  | { readonly kind: 'exec-failed'; readonly errno: number }
  | {
      readonly kind: 'ended';
      readonly how: { readonly exitCode: number } | { readonly signal: number };
    };

/** @throws SandboxError for a line that process 1 would never say */
export function parseReport(line: string): Report {
  const [, word, digits] =
    /^(ready|started|exec-failed|exited|signalled)(?: (\d{1,4}))?$/.exec(line) ?? [];
  const number = Number(digits ?? Number.NaN);
  if ((word === 'ready' || word === 'started') && digits === undefined) return { kind: word };
  if (word === 'exec-failed' && number > 0) return { kind: word, errno: number };
  if (word === 'exited' && number <= 255) return { kind: 'ended', how: { exitCode: number } };
  if (word === 'signalled' && number >= 1 && number <= 64) {
    return { kind: 'ended', how: { signal: number } };
  }
  throw nonsense();
}

/**
 * What jailctl and process 1 of a run say to one another (native/init.c, native/requests.c): lines,
 * and the bytes of files. Nothing is read ahead of what is asked for but what a pipe holds, so
 * whatever is at the other end can't fill this process's memory.
 */
export class InitChannel {
  readonly #lifeline: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  /** What was read and not asked for yet. */
  #rest: Buffer = Buffer.alloc(0);
  #isCut = false;

  constructor(status: Socket, lifeline: Socket) {
    this.#lifeline = lifeline;
    // Its end is seen by whoever writes, or on the status pipe.
    lifeline.on('error', () => {});
    this.#chunks = status[Symbol.asyncIterator]();
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Ends everything in the run, at once: destroying a socket closes its descriptor. */
  cut(): void {
    this.#isCut = true;
    this.#lifeline.destroy();
  }

  /**
   * @returns resolves when the pipe has taken it
   * @throws the error of write(2): EPIPE when process 1 is gone, ERR_STREAM_DESTROYED when cut
   */
  send(what: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#lifeline.write(what, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** As `send`, but it does not matter whether it gets there. */
  async tell(what: string): Promise<void> {
    await this.send(what).catch(() => {});
  }

  /** @returns false at the end */
  async #readMore(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
      return true;
    } catch (error) {
      // The pipe was closed on this side.
      if (isErrno(error, 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET')) return false;
      throw error;
    }
  }

  /**
   * @returns the next line; undefined when there is none
   * @throws SandboxError for what is no line
   */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.subarray(0, lineBytesMax).indexOf(newline);
      if (end !== -1) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length >= lineBytesMax) throw nonsense();
      if (!(await this.#readMore())) return undefined;
    }
  }

  /** The next bytes: fewer than so many only when there are no more. */
  async *bytes(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#readMore())) return;
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }
}
