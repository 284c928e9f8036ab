import { closeSync, constants, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { isErrno } from '../errno.ts';
import { runSilentTool } from '../tool.ts';

/** How they are named until they are open. */
const pipeNames = ['stdin', 'stdout', 'stderr', 'status', 'lifeline'] as const;
type PipeName = (typeof pipeNames)[number];

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** Our end of a pipe that a run writes to. */
export interface OutputPipe {
  readonly socket: Socket;
  /** That of the socket, as long as this is not destroyed. */
  readonly descriptor: number;
}

/**
 * The pipes of one run, made from named ones. Node itself starts programs on socket pairs, which
 * are not the same to them: `/dev/stdout` can't be opened (ENXIO), and bash takes itself for a
 * login over rsh and reads `~/.bashrc`.
 */
export interface RunPipes {
  /** For the run, as its descriptors 0 to 4. */
  readonly theirs: readonly number[];
  readonly stdin: Socket;
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  readonly status: Socket;
  readonly lifeline: Socket;
}

/** The reader goes first: opening for writing alone fails while there is none (fifo(7)). */
function openOutput(path: string): { readonly reader: OutputPipe; readonly writer: number } {
  const descriptor = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY);
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  return { reader: { socket, descriptor }, writer };
}

/** A blocking reader for a program, and our writer. */
function openInput(path: string): { readonly reader: number; readonly writer: Socket } {
  const placeholder = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  const reader = openSync(path, O_RDONLY);
  closeSync(placeholder);
  return { reader, writer: new Socket({ fd: writer, readable: false, writable: true }) };
}

function openAll(path: (name: PipeName) => string): RunPipes {
  const stdin = openInput(path('stdin'));
  const stdout = openOutput(path('stdout'));
  const stderr = openOutput(path('stderr'));
  const status = openOutput(path('status'));
  const lifeline = openInput(path('lifeline'));
  return {
    theirs: [stdin.reader, stdout.writer, stderr.writer, status.writer, lifeline.reader],
    stdin: stdin.writer,
    stdout: stdout.reader,
    stderr: stderr.reader,
    status: status.reader.socket,
    lifeline: lifeline.writer,
  };
}

/**
 * The pipes of one run, from when mkfifo(1) is started on: Node has no mkfifo(3), and much can be done
 * meanwhile. Their names are gone when they are open, or this is disposed of. Each run has new ones: a
 * runtime gives the first three to the tenant, who may then open them again by any descriptor of
 * theirs (O_PATH), and so read and write what is another run's if it had the same pipes.
 */
export class NewPipes implements AsyncDisposable {
  readonly #directory: string;
  readonly #made: Promise<void>;

  /**
   * @param directory root's own
   * @throws MissingToolError when the host has no mkfifo(1)
   */
  constructor(directory: string) {
    this.#directory = directory;
    this.#made = runSilentTool(['mkfifo', '--mode=0600', '--', ...this.#paths()]);
    // `open` tells of it.
    this.#made.catch(() => {});
  }

  #paths(): readonly string[] {
    return pipeNames.map((name) => `${this.#directory}/${name}`);
  }

  /** To be called once. @throws Failure with exit code 125 when they can't be made */
  async open(): Promise<RunPipes> {
    try {
      await this.#made;
      return openAll((name) => `${this.#directory}/${name}`);
    } catch (cause) {
      throw new Failure(`can't make the pipes of a run in ${this.#directory}`, {
        exitCode: exitCode.sandbox,
        cause,
      });
    } finally {
      this.#removeNames();
    }
  }

  #removeNames(): void {
    for (const path of this.#paths()) rmSync(path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.catch(() => {});
    this.#removeNames();
  }
}

const chunkBytes = 64 * 1024;

/** How much a pipe holds at most: its tenant can have enlarged it so far (F_SETPIPE_SZ, fcntl(2)). */
function pipeBytesMax(): number {
  const unprivileged = Number(readFileSync('/proc/sys/fs/pipe-max-size', 'utf8'));
  return Math.max(unprivileged, 2 ** 20);
}

/** What is in a pipe now, and not more than it can hold: somebody may go on to write to it. */
function* contentOf(descriptor: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let left = pipeBytesMax();
  try {
    while (left > 0) {
      const bytes = readSync(descriptor, buffer, 0, Math.min(chunkBytes, left), null);
      if (bytes === 0) return;
      left -= bytes;
      yield Buffer.from(buffer.subarray(0, bytes));
    }
  } catch (error) {
    if (!isErrno(error, 'EAGAIN')) throw error;
  }
}

/**
 * Hands on, as `data` of the socket, all that has been written to a pipe, and closes our end: no
 * matter who still has the other, and whether the socket is paused.
 */
export function finishOutput({ socket, descriptor }: OutputPipe): void {
  // What the socket has read comes first; reading is what makes it `data`.
  while (!socket.destroyed && socket.read() !== null);
  if (socket.destroyed) return;
  for (const chunk of contentOf(descriptor)) {
    socket.emit('data', chunk);
    // Its taker has gone, and our descriptor with it.
    if (socket.destroyed) return;
  }
  socket.destroy();
}
