import { type ChildProcess, spawn } from 'node:child_process';
import { type Answer, parseAnswer } from '../../model/probe-answer.ts';
import type { Action, OutsideOptions, Running } from '../../verify/range.ts';
import { toolEnvironment } from '../path.ts';

/** No control takes longer; one that goes wrong must not hold the verification up. */
const timeoutMs = 20_000;

/** One that waits for its end is there while something is tried in the jail, which has 20 seconds. */
const waitingTimeoutMs = 120_000;

/** For what has left the session of a control that was killed, and keeps its output open. */
const closePatienceMs = 500;

/** Of what one says: more than a jail lets through. */
const outputBytesMax = 2 ** 22;

/** Keeps what a control writes, up to a limit. */
class Heard {
  #text = '';

  add(chunk: Buffer): void {
    this.#text += chunk.toString('latin1', 0, outputBytesMax - this.#text.length);
  }

  get text(): string {
    return this.#text;
  }
}

class Outside {
  readonly over: Promise<Answer>;
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #stdout = new Heard();
  readonly #stderr = new Heard();
  readonly #onAbort = () => this.kill();
  #isOver = false;

  constructor(helper: string, action: Action, options: OutsideOptions, patienceMs: number) {
    const { as, root, isolated = false, stdin, signal } = options;
    const words = [
      // It goes with this process, however that ends.
      ...['--with-parent', String(process.pid)],
      ...(isolated ? ['--isolated'] : []),
      ...(root === undefined ? [] : ['--root', root]),
      ...(as === undefined ? [] : ['--as', String(as)]),
    ];
    const child = spawn(helper, [...words, ...action], {
      cwd: '/',
      env: toolEnvironment,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C is for jailctl, which ends its controls itself.
      detached: true,
    });
    this.#child = child;
    // It need not read what it is given.
    child.stdin.on('error', () => {});
    if (stdin !== undefined) child.stdin.end(stdin);
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    this.ready = new Promise((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        this.#stdout.add(chunk);
        if (/^ready$/m.test(this.#stdout.text)) resolve();
      });
    });
    const timer = setTimeout(() => this.kill(), patienceMs);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.kill();
    this.over = new Promise((resolve, reject) => {
      const end = (give: () => void) => {
        this.#isOver = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', this.#onAbort);
        give();
      };
      child.once('error', (error) => end(() => reject(error)));
      child.once('close', () => end(() => resolve(this.said())));
    });
  }

  said(): Answer {
    return parseAnswer(this.#stdout.text, this.#stderr.text);
  }

  /** Closes its standard input. */
  tellToEnd(): void {
    this.#child.stdin?.end();
  }

  /** The whole session: an action may have started others. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // All have ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (this.#isOver) return;
    setTimeout(() => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
    }, closePatienceMs).unref();
  }
}

/** Runs an action of the probe program on the host, to its end. */
export async function runOutside(
  helper: string,
  action: Action,
  options: OutsideOptions,
): Promise<Answer> {
  const outside = new Outside(helper, action, { stdin: '', ...options }, timeoutMs);
  try {
    return await outside.over;
  } finally {
    outside.kill();
  }
}

/** Starts one that goes on until its standard input is closed. @throws Error when it is not ready */
export async function startOutside(
  helper: string,
  action: Action,
  options: OutsideOptions,
): Promise<Running<Answer>> {
  const outside = new Outside(helper, action, options, waitingTimeoutMs);
  const slow = new AbortController();
  const tooSlow = new Promise<Answer>((resolve) => {
    const timer = setTimeout(() => resolve(outside.said()), timeoutMs);
    slow.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  const early = await Promise.race([outside.ready, outside.over, tooSlow]);
  slow.abort();
  if (early !== undefined) {
    outside.kill();
    throw new Error(`the control ${action[0]} was not ready: ${early.output.trim().slice(-300)}`);
  }
  return {
    facts: outside.said().facts,
    end: () => {
      outside.tellToEnd();
      return outside.over;
    },
    ended: () => outside.over,
    [Symbol.asyncDispose]: async () => {
      outside.kill();
      await outside.over;
    },
  };
}
