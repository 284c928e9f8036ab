import { parentOf } from '../../model/host-paths.ts';
import type { Stat } from '../../model/reader.ts';
import type { Reason } from './closure.ts';
import type { Collection, Origin, Problem } from './collection.ts';
import { type HostView, isWithin, type Resolution } from './host-view.ts';
import { directoryMode, hiddenBy, jailMode, problemOf, wayProblem } from './rules.ts';

type Found = Extract<Resolution, { found: true }>;

/** A file that was taken and may need others. */
export interface TakenFile {
  readonly path: string;
  readonly stat: Stat;
  readonly origin: Origin;
  /** Somebody asked for this very file, or runs scripts with it. */
  readonly wanted: boolean;
}

interface PendingLink {
  readonly path: string;
  /** The directory that is being taken whole. */
  readonly root: string;
  readonly reason: Reason;
}

const amongMany: Origin = { named: false };

function absence(why: 'missing' | 'loop'): Problem {
  return why === 'loop'
    ? { code: 'tool-not-found', message: 'is a symlink that leads in a circle' }
    : { code: 'tool-not-found', message: 'is not on this host' };
}

/** Puts paths of the host into a collection, with all that leads to them. */
export class Taker {
  readonly #view: HostView;
  readonly #collection: Collection;
  readonly #jailPaths: readonly string[];
  readonly #isLeftOut: (path: string) => boolean;
  readonly #walked = new Set<string>();
  readonly #queued = new Set<string>();
  #queue: TakenFile[] = [];
  #links: PendingLink[] = [];

  /** @param isLeftOut what nobody gets who did not name it */
  constructor(
    view: HostView,
    collection: Collection,
    jailPaths: readonly string[],
    isLeftOut: (path: string) => boolean,
  ) {
    this.#view = view;
    this.#collection = collection;
    this.#jailPaths = jailPaths;
    this.#isLeftOut = isLeftOut;
  }

  /** The files taken since the last call, in the order in which they were taken. */
  drain(): readonly TakenFile[] {
    const files = this.#queue;
    this.#queue = [];
    return files;
  }

  /**
   * Takes a file with its symlinks and parent directories, or a directory with all that is in it.
   * What stands in the way is reported to the collection. Tells whether it was taken.
   */
  take(path: string, reason: Reason, origin: Origin, wanted: boolean): boolean {
    const resolution = this.#view.resolve(path);
    const problem = resolution.found ? this.#problem(resolution, origin) : absence(resolution.why);
    if (problem !== undefined) {
      this.#collection.report(origin, path, problem);
      return false;
    }
    if (resolution.found) this.#commit(resolution, reason, origin, wanted);
    this.#followLinks();
    return true;
  }

  /**
   * Takes a directory, and the symlinks that lead to it, without its content. Tells whether there
   * is one that may be taken.
   */
  takeDirectoryOnly(path: string, reason: Reason): boolean {
    const resolution = this.#view.resolve(path);
    if (!resolution.found || resolution.stat.type !== 'directory') return false;
    if (this.#problem(resolution, amongMany) !== undefined) return false;
    const why = this.#addLinks(resolution, reason);
    this.#collection.add(resolution.path, { type: 'directory', mode: directoryMode }, why);
    this.#addWay(resolution);
    return true;
  }

  /**
   * Takes the content of a file as a plain file at `path`, whatever symlinks lead to it: for
   * settings such as resolv.conf that lead into /run, where nothing else is taken from.
   */
  takeContent(path: string, reason: Reason): void {
    const resolution = this.#view.resolve(path);
    const directory = this.#view.resolve(parentOf(path));
    if (!resolution.found || !directory.found || resolution.stat.type !== 'file') return;
    if (directory.path !== parentOf(path) || (resolution.stat.mode & 0o4) === 0) return;
    this.#addFile(path, resolution.stat, reason, resolution.path);
    this.#collection.add(
      directory.path,
      { type: 'directory', mode: directoryMode },
      { because: 'parent-directory', neededBy: path },
    );
  }

  #problem(resolution: Found, origin: Origin): Problem | undefined {
    const hidden = origin.named ? undefined : hiddenBy(resolution.way);
    if (hidden !== undefined) {
      return { code: 'tool-secret', message: `is in ${hidden}, which is closed to ordinary users` };
    }
    const { path, stat, way, links } = resolution;
    return (
      wayProblem([...way, ...links], this.#jailPaths) ?? problemOf(path, stat, this.#jailPaths)
    );
  }

  #commit(resolution: Found, reason: Reason, origin: Origin, wanted: boolean): void {
    const why = this.#addLinks(resolution, reason);
    const { path, stat } = resolution;
    if (stat.type === 'directory') {
      this.#walk(path, stat, why);
    } else {
      this.#addFile(path, stat, why, path);
      this.#enqueue({ path, stat, origin, wanted });
    }
    this.#addWay(resolution);
  }

  /** Gives the reason for what the links lead to. */
  #addLinks({ links }: Found, reason: Reason): Reason {
    let why = reason;
    for (const { path, target = '' } of links) {
      this.#collection.add(path, { type: 'symlink', target }, why);
      why = { because: 'symlink', neededBy: path };
    }
    return why;
  }

  #addWay({ path: neededBy, way }: Found): void {
    for (const { path, target } of way) {
      this.#collection.add(
        path,
        target === undefined
          ? { type: 'directory', mode: directoryMode }
          : { type: 'symlink', target },
        { because: 'parent-directory', neededBy },
      );
    }
  }

  #addFile(path: string, stat: Stat, reason: Reason, source: string): void {
    const { sizeBytes, mtimeSeconds, ctimeMs } = stat;
    this.#collection.add(
      path,
      {
        type: 'file',
        mode: jailMode(stat),
        sizeBytes,
        source: { from: 'host', path: source, mtimeSeconds, ctimeMs },
      },
      reason,
    );
  }

  /** A file that came with a directory first may be asked for later, and then needs more. */
  #enqueue(file: TakenFile): void {
    const key = `${file.wanted}:${file.path}`;
    if (this.#queued.has(key)) return;
    this.#queued.add(key);
    this.#queue.push(file);
  }

  #walk(root: string, rootStat: Stat, reason: Reason): void {
    const pending = [root];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      this.#collection.add(directory, { type: 'directory', mode: directoryMode }, reason);
      if (this.#walked.has(directory)) continue;
      this.#walked.add(directory);
      for (const name of this.#view.list(directory)) {
        const path = `${directory}/${name}`;
        if (this.#isLeftOut(path)) continue;
        const stat = this.#view.lstat(path);
        if (stat === undefined) {
          this.#collection.leaveOut(path, 'has a name that is not UTF-8, or vanished');
        } else if (stat.type === 'symlink') {
          this.#links.push({ path, root, reason });
        } else if (this.#mayWalkInto(path, stat, rootStat)) {
          if (stat.type === 'directory') pending.push(path);
          else {
            this.#addFile(path, stat, reason, path);
            this.#enqueue({ path, stat, origin: amongMany, wanted: false });
          }
        }
      }
    }
  }

  #mayWalkInto(path: string, stat: Stat, rootStat: Stat): boolean {
    // Only directories: overlayfs gives the files of its layers other device numbers than its own.
    const elsewhere = stat.type === 'directory' && stat.device !== rootStat.device;
    const why = elsewhere
      ? 'is on another file system'
      : problemOf(path, stat, this.#jailPaths)?.message;
    if (why !== undefined) this.#collection.leaveOut(path, why);
    return why === undefined;
  }

  /** Symlinks wait until their directory is walked, so that what is in it has its own reason. */
  #followLinks(): void {
    for (let link = this.#links.pop(); link !== undefined; link = this.#links.pop()) {
      const { path, root, reason } = link;
      const resolution = this.#view.resolve(path);
      const why = this.#whyNotFollowed(path, root, resolution);
      if (why !== undefined) this.#collection.leaveOut(path, why);
      else if (resolution.found) this.#commit(resolution, reason, amongMany, false);
    }
  }

  #whyNotFollowed(path: string, root: string, resolution: Resolution): string | undefined {
    if (!resolution.found) {
      const target = this.#view.reader.readLink(path);
      return resolution.why === 'loop'
        ? `is a symlink to ${target} that leads in a circle`
        : `is a symlink to ${target}, which is not there`;
    }
    const { path: real, stat } = resolution;
    const problem = this.#problem(resolution, amongMany);
    if (problem !== undefined) return `leads to ${real}, which ${problem.message}`;
    // `X11 -> .` in /usr/bin must not bring all of /usr/bin when only X11's neighbour was meant.
    if (stat.type === 'directory' && isWithin(path, real) && !isWithin(real, root)) {
      return `leads up to ${real}, which was not asked for`;
    }
    return undefined;
  }
}
