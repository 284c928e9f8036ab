import type { Reader, Stat } from '../../model/reader.ts';
import { type ElfFile, parseElf } from './elf.ts';

/** What was met on the way to a path. */
export interface Passed {
  /** Where it is, with no symlink before its last part. */
  readonly path: string;
  /** Of a symlink, as written in it; undefined for a directory. */
  readonly target?: string;
  readonly stat: Stat;
}

export type Resolution =
  | {
      readonly found: true;
      /** The path with every symlink followed. */
      readonly path: string;
      readonly stat: Stat;
      /** The symlinks that the last part of the path went through, first one first. */
      readonly links: readonly Passed[];
      /** Directories, and symlinks to directories, on the way. */
      readonly way: readonly Passed[];
    }
  | { readonly found: false; readonly why: 'missing' | 'loop' };

/** As the kernel: path_resolution(7), ELOOP. */
const symlinksMax = 40;
/** NAME_MAX and PATH_MAX: names come out of ELF headers too, and may be any length. */
const nameBytesMax = 255;
const pathBytesMax = 4095;

function isTooLong(name: string, path: string): boolean {
  return (
    (name.length > nameBytesMax / 4 && Buffer.byteLength(name) > nameBytesMax) ||
    (path.length > pathBytesMax / 4 && Buffer.byteLength(path) > pathBytesMax)
  );
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function symlinksIn(passed: readonly Passed[]): number {
  return passed.reduce((count, { target }) => (target === undefined ? count : count + 1), 0);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` is `directory` or lies under it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/**
 * One look at the host: everything is read once, so that a closure is made of one state, and is
 * made fast.
 */
export class HostView {
  readonly reader: Reader;
  readonly #stats = new Map<string, Stat | undefined>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly #resolutions = new Map<string, Resolution>();
  readonly #elfFiles = new Map<string, ElfFile | undefined>();

  constructor(reader: Reader) {
    this.reader = reader;
  }

  lstat(path: string): Stat | undefined {
    if (!this.#stats.has(path)) this.#stats.set(path, this.reader.lstat(path));
    return this.#stats.get(path);
  }

  /** Names in a directory, sorted; none where there is no directory. */
  list(path: string): readonly string[] {
    const known = this.#lists.get(path);
    if (known !== undefined) return known;
    const names = this.reader.list(path) ?? [];
    this.#lists.set(path, names);
    return names;
  }

  /** Follows a path part by part, as the kernel does, and tells what was met. */
  resolve(path: string): Resolution {
    const known = this.#resolutions.get(path);
    if (known !== undefined) return known;
    const resolution = this.#walk(path);
    this.#resolutions.set(path, resolution);
    return resolution;
  }

  #walk(path: string): Resolution {
    const links: Passed[] = [];
    const way: Passed[] = [];
    const pending = parts(path).reverse();
    let current = '';
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '..') {
        current = current.slice(0, Math.max(0, current.lastIndexOf('/')));
        continue;
      }
      const next = `${current}/${name}`;
      const last = pending.length === 0;
      const stat = isTooLong(name, next) ? undefined : this.lstat(next);
      if (stat === undefined) return { found: false, why: 'missing' };
      if (stat.type === 'symlink') {
        const target = this.reader.readLink(next);
        (last ? links : way).push({ path: next, target, stat });
        if (symlinksIn(links) + symlinksIn(way) > symlinksMax) return { found: false, why: 'loop' };
        if (target.startsWith('/')) current = '';
        pending.push(...parts(target).reverse());
        continue;
      }
      if (!last && stat.type !== 'directory') return { found: false, why: 'missing' };
      if (!last) way.push({ path: next, stat });
      current = next;
    }
    const real = current === '' ? '/' : current;
    const stat = this.lstat(real);
    if (stat === undefined) return { found: false, why: 'missing' };
    return { found: true, path: real, stat, links, way };
  }

  /** The headers of a regular file that is a program or a library. `path` has no symlink. */
  elf(path: string): ElfFile | undefined {
    if (this.#elfFiles.has(path)) return this.#elfFiles.get(path);
    const stat = this.lstat(path);
    const elf =
      stat?.type === 'file'
        ? parseElf((offset, length) => this.reader.readBytes(path, offset, length), stat.sizeBytes)
        : undefined;
    this.#elfFiles.set(path, elf);
    return elf;
  }
}
