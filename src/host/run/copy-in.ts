import { closeSync, constants, fstatSync, openSync, read, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { promisify } from 'node:util';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { FileCopy } from '../../run/run-spec.ts';
import { isErrno } from '../errno.ts';
import { outsideJails } from '../tenant-path.ts';
import { type InitChannel, nonsense, SandboxError } from './init-channel.ts';

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

const readAt = promisify(read);

const chunkBytes = 256 * 1024;

/** A file of the host that is open for a run. */
export interface Source extends Disposable {
  readonly copy: FileCopy;
  readonly descriptor: number;
  readonly bytes: number;
  readonly executable: boolean;
}

function unusable({ from }: FileCopy, why: string, cause?: unknown): Failure {
  return new Failure(`can't copy ${from} into the jail: ${why}`, {
    exitCode: exitCode.usage,
    hint: 'name a regular file of the host',
    cause,
  });
}

function openSource(copy: FileCopy): Source {
  const { path, flags } = outsideJails(copy.from);
  let descriptor: number;
  try {
    // Opening a device can do things, opening a FIFO wakes its writers.
    if (!statSync(path).isFile()) throw unusable(copy, 'it is not a regular file');
    descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | flags);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = isErrno(error, 'ENOENT') ? 'there is no such file' : "it can't be read";
    throw unusable(copy, why, error);
  }
  const stat = fstatSync(descriptor);
  const source: Source = {
    copy,
    descriptor,
    bytes: stat.size,
    executable: (stat.mode & 0o100) !== 0,
    [Symbol.dispose]: () => closeSync(descriptor),
  };
  if (stat.isFile()) return source;
  source[Symbol.dispose]();
  throw unusable(copy, 'it is not a regular file');
}

/**
 * Opens what a run wants to have, before anything of it runs: each file once, and as it is now.
 * @throws Failure with exit code 3 for what is not a regular file, or leads into a jail
 */
export function openSources(
  copies: readonly FileCopy[],
): Disposable & { readonly sources: readonly Source[] } {
  const sources: Source[] = [];
  const close = () => {
    for (const source of sources) source[Symbol.dispose]();
  };
  try {
    for (const copy of copies) sources.push(openSource(copy));
  } catch (error) {
    close();
    throw error;
  }
  return { sources, [Symbol.dispose]: close };
}

/** @throws SandboxError when it has less than it had, or can't be read */
async function readExactly({ copy, descriptor }: Source, into: Buffer, at: number) {
  const failed = (why: string, cause?: unknown) =>
    new SandboxError(`${copy.from} could not be copied into the jail: ${why}`, { cause });
  for (let done = 0; done < into.length; ) {
    const left = into.length - done;
    const { bytesRead } = await readAt(descriptor, into, done, left, at + done).catch((error) => {
      throw failed(String(error), error);
    });
    if (bytesRead === 0) throw failed('it became shorter meanwhile');
    done += bytesRead;
  }
}

/** One buffer serves for all: the pipe has taken the whole of it before it is filled again. */
async function sendContent(source: Source, channel: InitChannel): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, source.bytes));
  for (let sent = 0; sent < source.bytes; ) {
    const chunk = buffer.subarray(0, source.bytes - sent);
    await readExactly(source, chunk, sent);
    await channel.send(chunk);
    sent += chunk.length;
  }
}

/**
 * Has process 1 of a run make one file, no faster than it is written.
 * @returns the errno(3) that kept it from being made; 0 when it was; undefined when the run has
 *   ended, or was ended
 * @throws SandboxError when the source can't be read to its end, or process 1 talks nonsense
 */
export async function putFile(source: Source, channel: InitChannel): Promise<number | undefined> {
  const { to } = source.copy;
  const mode = source.executable ? '700' : '600';
  try {
    await channel.send(`put ${mode} ${source.bytes} ${Buffer.byteLength(to)}\n${to}`);
    await sendContent(source, channel);
  } catch (error) {
    // It does not want the rest, and says why.
    if (!isErrno(error, 'EPIPE', 'ECANCELED', 'ERR_STREAM_DESTROYED')) throw error;
  }
  const answer = await channel.line();
  if (answer === undefined) return undefined;
  if (answer === 'done') return 0;
  const [, errno] = /^failed ([1-9]\d{0,3})$/.exec(answer) ?? [];
  if (errno === undefined) throw nonsense();
  // Its lifeline has ended (native/requests.c).
  return Number(errno) === osConstants.errno.EPIPE ? undefined : Number(errno);
}
