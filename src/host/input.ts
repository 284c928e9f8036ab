import { constants, type ReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { outsideJails } from './tenant-path.ts';

const { O_RDONLY } = constants;

function unreadable(path: string, cause: unknown): Failure {
  return new Failure(`${path} can't be read`, {
    exitCode: exitCode.usage,
    hint: 'is the path right? A relative one starts at the working directory',
    cause,
  });
}

/** @throws Failure with exit code 3 when it can't be opened, is a directory, or leads into a jail */
export async function openInput(path: string): Promise<ReadStream> {
  const outside = outsideJails(path);
  try {
    const handle = await open(outside.path, O_RDONLY | outside.flags);
    // Such a one can be opened, and only reading it fails.
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, new Error('it is a directory'));
}

/** Lines of a text, without their ends. */
export interface Lines {
  readonly lines: AsyncIterable<string>;
  /** How many, without empty ones; absent when it is not known beforehand. */
  readonly total: number | undefined;
}

async function* linesOf(text: string): AsyncIterable<string> {
  yield* text.split('\n');
}

/**
 * The lines of a file, or, for `-`, of standard input as they come.
 * @param signal ends the waiting for the next line
 * @throws Failure with exit code 3 when it can't be read, or leads into a jail
 */
export async function openLines(path: string, signal: AbortSignal): Promise<Lines> {
  if (path === '-') {
    const { createInterface } = await import('node:readline');
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    signal.addEventListener('abort', () => lines.close(), { once: true });
    return { lines, total: undefined };
  }
  const outside = outsideJails(path);
  try {
    const flag = O_RDONLY | outside.flags;
    const text = await readFile(outside.path, { encoding: 'utf8', flag });
    const total = text.split('\n').filter((line) => line.trim() !== '').length;
    return { lines: linesOf(text), total };
  } catch (error) {
    throw unreadable(path, error);
  }
}
