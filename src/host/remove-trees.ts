import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { isDoomed } from '../model/host-paths.ts';
import { unescapePath } from './mountinfo.ts';

/** Removing yields this often: signals and the display get a turn. */
const turnEveryMs = 25;

/** What is mounted could be anybody's data (bastille#662): it was not there when the plan was made. */
function refuseMounts(paths: readonly string[]): void {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const points = lines.map((line) => unescapePath(line.split(' ')[4] ?? ''));
  const mounted = points.find((point) =>
    paths.some((path) => point === path || point.startsWith(`${path}/`)),
  );
  if (mounted === undefined) return;
  throw new Failure(`a file system is mounted at ${mounted}`, {
    hint: `unmount it, then run the command again: umount -- ${mounted}`,
  });
}

/**
 * From now on nobody but root makes, renames or removes anything in the directory itself, not even
 * by a descriptor of it that is open already.
 */
function shut(directory: string): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const descriptor = openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchownSync(descriptor, 0, 0);
    fchmodSync(descriptor, 0o700);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The doomed trees of one scratch directory. Each directory is shut, then emptied: those in it are
 * moved beside it. So every path is short, however deep a tenant nests, and every directory on it is
 * shut: nobody can bend it, or fill again what was emptied. A mount point can't be moved (rename(2),
 * EBUSY).
 */
class Doomed {
  readonly #scratch: string;
  readonly #names: string[];
  #count: number;

  constructor(scratch: string) {
    this.#scratch = scratch;
    this.#names = readdirSync(scratch).filter(isDoomed);
    // Above every number that an interrupted removal has used.
    const numbers = this.#names.map((name) => Number(name.split('.')[1] ?? 0));
    this.#count = 1 + Math.max(0, ...numbers);
  }

  take(path: string | Buffer): void {
    const name = `old.${this.#count++}`;
    renameSync(path, join(this.#scratch, name));
    this.#names.push(name);
  }

  async remove(): Promise<void> {
    let lastTurn = performance.now();
    for (let name = this.#names.pop(); name !== undefined; name = this.#names.pop()) {
      const path = join(this.#scratch, name);
      if (lstatSync(path).isDirectory()) this.#removeDirectory(path);
      else unlinkSync(path);
      if (performance.now() - lastTurn < turnEveryMs) continue;
      await nextTurn();
      lastTurn = performance.now();
    }
  }

  #removeDirectory(directory: string): void {
    shut(directory);
    // Names are bytes: a tenant's need not be UTF-8.
    const entries = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
    const pathOf = (name: Buffer) => Buffer.concat([Buffer.from(`${directory}/`), name]);
    // Files first: on a full disk, they make the room that moving a directory may need.
    for (const entry of entries) if (!entry.isDirectory()) unlinkSync(pathOf(entry.name));
    for (const entry of entries) if (entry.isDirectory()) this.take(pathOf(entry.name));
    rmdirSync(directory);
  }
}

/**
 * Removes directory trees that tenants could write to, while some of them may still be at work in
 * there. The trees are moved into a directory that only root can enter first: from then on no path
 * leads a tenant into them. It makes nothing, so it works on a disk that is full.
 * @param scratch on the same file system; what an interrupted removal left there goes too
 * @throws Failure when something is mounted in a tree: then that is kept
 */
export async function removeTrees(paths: readonly string[], scratch: string): Promise<void> {
  refuseMounts(paths);
  const doomed = new Doomed(scratch);
  for (const path of paths) doomed.take(path);
  await doomed.remove();
}
