import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../../model/monotonic.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { requireCommand, toolEnvironment } from '../path.ts';

/** What an empty file costs at least, and what one costs in a home that is a tmpfs. */
const inodeBytesMin = 4096;
const blockBytes = 512;
/** Between two looks. */
const pauseMsMin = 100;
/** A look at a home of many files takes long: it may take a sixth of a processor, and no more. */
const pausePerLook = 5;

/** Sums up what find(1) prints: blocks, links and inode number of each file. */
class Sum {
  bytes = 0;
  #rest = '';
  /** Those that have several names, which are counted once. */
  readonly #seen = new Set<string>();

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [blocks = '', links = '', inode = ''] = line.split(' ');
      if (links !== '1') {
        if (this.#seen.has(inode)) continue;
        this.#seen.add(inode);
      }
      this.bytes += Math.max(Number(blocks) * blockBytes, inodeBytesMin);
    }
  }
}

/**
 * The space that a directory takes, with all below it. It is a tenant's, who may be changing it:
 * find(1) goes from directory to directory by descriptor, follows no link, and does not leave the
 * file system. Names play no part in what it prints. What it can't find any more, it leaves out.
 * @param enoughBytes where it may stop to count
 * @param signal aborted: the answer is no longer wanted, and may be too small
 * @throws Error when find(1) can't be run
 */
export async function treeBytes(
  directory: string,
  enoughBytes: number,
  signal?: AbortSignal,
): Promise<number> {
  const argv = ['-P', directory, '-xdev', '-printf', '%b %n %i\n'];
  const find = spawn(requireCommand('find'), argv, {
    cwd: '/',
    env: toolEnvironment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const sum = new Sum();
  const end = () => find.kill('SIGKILL');
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  find.stdout.setEncoding('latin1').on('data', (text: string) => {
    sum.add(text);
    if (sum.bytes > enoughBytes) end();
  });
  try {
    const killedBy = await new Promise<string | null>((resolve, reject) => {
      find.once('error', reject).once('close', (_, by) => resolve(by));
    });
    if (killedBy === null || signal?.aborted === true || sum.bytes > enoughBytes) return sum.bytes;
    throw new Error(`find ${directory} was ended by ${killedBy}`);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/**
 * Watches that a home does not grow beyond a limit, where the kernel does not see to it: looks at
 * it while a program runs, and once more when no process of the tenant is left. It does not see
 * what has been deleted and is still open, which is gone after the run.
 */
export class DiskWatch {
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #onOver: () => void;
  readonly #end = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  #bytesSeen = 0;

  /** @param onOver called once, while it watches, when the run is to be ended */
  constructor(directory: string, limitBytes: number, onOver: () => void) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
    this.#onOver = onOver;
  }

  /** The most that a look has seen; beyond the limit it counts no further. */
  get bytesSeen(): number {
    return this.#bytesSeen;
  }

  start(): void {
    this.#watching = this.#watch();
    // A failure ends the run, and is told after the last look.
    this.#watching.catch(this.#onOver);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const beforeMs = monotonicMs();
      await this.#look(signal);
      if (this.#bytesSeen > this.#limitBytes) {
        this.#onOver();
        return;
      }
      const tookMs = monotonicMs() - beforeMs;
      await pause(Math.max(pauseMsMin, pausePerLook * tookMs), undefined, { signal }).catch(
        () => {},
      );
    }
  }

  async #look(signal?: AbortSignal): Promise<void> {
    const bytes = await treeBytes(this.#directory, this.#limitBytes, signal);
    this.#bytesSeen = Math.max(this.#bytesSeen, bytes);
  }

  /**
   * To be called when no process of the tenant is left.
   * @throws Error when a look was not possible
   */
  async finish(): Promise<void> {
    this.stop();
    await this.#watching;
    if (this.#bytesSeen <= this.#limitBytes) await this.#look();
  }

  /** No more looks; what the last one saw still counts. */
  stop(): void {
    this.#end.abort();
  }
}

/**
 * @returns undefined where the home has no limit, or is a tmpfs that has its size from the kernel
 * @throws MissingToolError where the host has no find(1)
 */
export function watchHome(spec: RunSpec, onOver: () => void): DiskWatch | undefined {
  const { jail, user, engine, home, limits } = spec;
  const isMadeForTheRun = home === 'fresh' && engine !== 'chroot';
  if (limits.diskBytes === undefined || isMadeForTheRun) return undefined;
  requireCommand('find');
  return new DiskWatch(`${jail.path}/home/${user.name}`, limits.diskBytes, onOver);
}
