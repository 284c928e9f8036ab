import { lstatSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { copyProblem } from '../../model/copy-problem.ts';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { CopiedOut } from '../../run/run-result.ts';
import type { FileCopy } from '../../run/run-spec.ts';
import { outsideJails } from '../tenant-path.ts';
import { type InitChannel, nonsense } from './init-channel.ts';

/** What is renamed over must be a file: /dev/null would be gone for the whole host. */
function isReplaceable(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

/** The same file by a path without links, except for what is itself renamed over. */
function placeOf(to: string): string {
  return join(outsideJails(dirname(to)).path, basename(to));
}

/**
 * Are there places for what a run leaves? Asked before it runs.
 * @throws Failure with exit code 3 when there is none, or when it leads into a jail
 */
export function requireDestinations(copies: readonly FileCopy[]): void {
  for (const { from, to } of copies) {
    const place = placeOf(to);
    const parent = statSync(dirname(place), { throwIfNoEntry: false });
    const why =
      (parent?.isDirectory() !== true && `there is no directory ${dirname(to)}`) ||
      (!isReplaceable(place) && 'what is there is not a regular file');
    if (why === false) continue;
    throw new Failure(`can't copy ${from} to ${to}: ${why}`, {
      exitCode: exitCode.usage,
      hint: 'name a file, new or old, in a directory of the host',
    });
  }
}

/** A file in the making: nobody but root can read it before it is whole. */
class PartialFile implements AsyncDisposable {
  readonly #to: string;
  readonly #path: string;
  readonly #note: string;
  readonly #handle: FileHandle;

  static async create(to: string, note: string): Promise<PartialFile> {
    // Asked once more: the run may have taken long.
    const place = placeOf(to);
    const path = join(dirname(place), `.${basename(place).slice(0, 200)}.${crypto.randomUUID()}`);
    symlinkSync(path, note);
    try {
      // It loads much, and few runs copy anything out.
      const { open } = process.getBuiltinModule('node:fs/promises');
      return new PartialFile(place, path, note, await open(path, 'wx', 0o600));
    } catch (error) {
      rmSync(note);
      throw error;
    }
  }

  private constructor(to: string, path: string, note: string, handle: FileHandle) {
    this.#to = to;
    this.#path = path;
    this.#note = note;
    this.#handle = handle;
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#handle.writeFile(chunk);
  }

  async finish(): Promise<void> {
    await this.#handle.chmod(0o644 & ~process.umask());
    if (!isReplaceable(this.#to)) throw new Error('what is there is not a regular file');
    renameSync(this.#path, this.#to);
  }

  /** Of a file that was not finished, nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    rmSync(this.#path, { force: true });
    rmSync(this.#note, { force: true });
  }
}

/** @returns whether all of it came, and is in its place */
async function store(
  content: AsyncGenerator<Buffer>,
  bytes: number,
  to: string,
  channel: InitChannel,
  note: string,
): Promise<boolean> {
  await using file = await PartialFile.create(to, note);
  let left = bytes;
  // Not `for await`: when the file can't be written, that would end what brings the content.
  for (let next = await content.next(); next.done !== true; next = await content.next()) {
    if (channel.isCut) return false;
    left -= next.value.length;
    await file.write(next.value);
  }
  if (left > 0) return false;
  await file.finish();
  return true;
}

/**
 * Has process 1 of a run send one file, no faster than it can be stored, and puts it in its place
 * on the host when it is whole.
 * @param bytesMax the file may have
 * @param note where a symlink names the unfinished file, for whoever cleans up if we are killed
 * @returns undefined when the run ended before all of it came
 * @throws SandboxError when process 1 talks nonsense
 */
export async function getFile(
  copy: FileCopy,
  bytesMax: number,
  channel: InitChannel,
  note: string,
): Promise<CopiedOut | undefined> {
  const { from, to } = copy;
  await channel.tell(`get ${bytesMax} ${Buffer.byteLength(from)}\n${from}`);
  const answer = await channel.line();
  if (answer === undefined) return undefined;
  const [, size, errno] = /^(?:file (\d{1,15})|failed ([1-9]\d{0,3}))$/.exec(answer) ?? [];
  if (errno !== undefined) return { from, to, error: copyProblem(Number(errno)) };
  const bytes = Number(size ?? Number.NaN);
  if (!(bytes <= bytesMax)) throw nonsense();
  const content = channel.bytes(bytes);
  try {
    return (await store(content, bytes, to, channel, note)) ? { from, to, bytes } : undefined;
  } catch (error) {
    // What follows the rest of it is the next answer.
    while ((await content.next()).done !== true);
    return { from, to, error: error instanceof Error ? error.message : String(error) };
  }
}
