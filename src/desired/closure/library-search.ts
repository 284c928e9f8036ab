import { parentOf } from '../../model/host-paths.ts';
import type { ElfFile } from './elf.ts';
import type { HostView } from './host-view.ts';
import { configuredDirectories, muslDirectories } from './linker-config.ts';
import { defaultDirectories, machineOf, sameMachine } from './machine.ts';

/** A program or library as the dynamic linker has it loaded. */
export interface Loaded {
  /** With no symlink on the way. */
  readonly path: string;
  /** As it was found: `$ORIGIN` is its directory. */
  readonly foundAs: string;
  readonly elf: ElfFile;
  /** What asked for it first; undefined for the program itself. */
  readonly loader?: Loaded;
}

/** A hostile file may list thousands of directories, each of which costs a look at the disk. */
const directoriesMax = 256;

export type LibC = 'glibc' | 'musl';

/** What `$LIB` stands for depends on how glibc was built, so each distribution's value is tried. */
function libraryNames(elf: ElfFile): readonly string[] {
  const machine = machineOf(elf);
  return machine === undefined ? ['lib'] : [`lib/${machine.multiarch}`, machine.directory, 'lib'];
}

/**
 * Replaces `$ORIGIN`, `$LIB` and `$PLATFORM` (ld.so(8), "Dynamic string tokens"). Relative results
 * are dropped: they mean the working directory of whoever runs the program.
 */
function expand(text: string, { foundAs, elf }: Loaded): readonly string[] {
  const platform = machineOf(elf)?.platform ?? '';
  const expanded = libraryNames(elf).map((library) =>
    text.replace(
      /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_]))/g,
      (_, braced: string | undefined, bare: string | undefined) =>
        ({ ORIGIN: parentOf(foundAs), LIB: library, PLATFORM: platform })[braced ?? bare ?? ''] ??
        '',
    ),
  );
  return [...new Set(expanded)].filter((path) => path.startsWith('/'));
}

function directoriesOf(list: string | undefined, owner: Loaded): readonly string[] {
  return (list ?? '').split(':', directoriesMax).flatMap((directory) => expand(directory, owner));
}

/**
 * DT_RPATH of the object and of what loaded it, up to the program. An object's DT_RUNPATH makes
 * its own DT_RPATH void (glibc, elf/dl-load.c); musl treats both as DT_RPATH.
 */
function inheritedDirectories(from: Loaded, libc: LibC): readonly string[] {
  const directories: string[] = [];
  for (let owner: Loaded | undefined = from; owner !== undefined; owner = owner.loader) {
    if (directories.length >= directoriesMax) break;
    const { rpath, runpath } = owner.elf;
    if (libc === 'musl') directories.push(...directoriesOf(runpath ?? rpath, owner));
    else if (runpath === undefined) directories.push(...directoriesOf(rpath, owner));
  }
  return directories;
}

/** Finds libraries where ld.so(8) would, without running anything. */
export class LibrarySearch {
  readonly #view: HostView;
  readonly #environment: readonly string[];
  readonly #found = new Map<string, readonly string[]>();
  #configured: readonly string[] | undefined;

  /** @param libraryPath LD_LIBRARY_PATH of the programs in the jail */
  constructor(view: HostView, libraryPath = '') {
    this.#view = view;
    this.#environment = libraryPath.split(/[:;]/).filter((path) => path.startsWith('/'));
  }

  /**
   * The paths that the dynamic linker may load for a DT_NEEDED name: one, or the variants of one
   * directory for several processors (glibc-hwcaps). None where the host has no such library.
   */
  find(name: string, from: Loaded, libc: LibC): readonly string[] {
    if (name.includes('/')) {
      return expand(name, from)
        .filter((path) => this.#fits(path, from.elf))
        .slice(0, 1);
    }
    for (const directory of this.#directories(from, libc)) {
      const found = this.#inDirectory(directory, name, from.elf, libc);
      if (found.length > 0) return found;
    }
    return [];
  }

  #directories(from: Loaded, libc: LibC): readonly string[] {
    if (libc === 'musl') {
      return [
        ...this.#environment,
        ...inheritedDirectories(from, libc),
        ...muslDirectories(this.#view, machineOf(from.elf)),
      ];
    }
    const { runpath, noDefaultDirectories } = from.elf;
    this.#configured ??= configuredDirectories(this.#view);
    return [
      ...(runpath === undefined ? inheritedDirectories(from, libc) : []),
      ...this.#environment,
      ...directoriesOf(runpath, from),
      ...(noDefaultDirectories ? [] : [...this.#configured, ...defaultDirectories(from.elf)]),
    ];
  }

  #inDirectory(directory: string, name: string, elf: ElfFile, libc: LibC): readonly string[] {
    const key = [directory, name, elf.machine, elf.wordBits, elf.littleEndian, libc].join('\0');
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const variants = libc === 'glibc' ? this.#hardwareVariants(directory) : [];
    const found = [...variants, directory]
      .map((place) => `${place}/${name}`)
      .filter((path) => this.#fits(path, elf));
    this.#found.set(key, found);
    return found;
  }

  #hardwareVariants(directory: string): readonly string[] {
    const resolution = this.#view.resolve(`${directory}/glibc-hwcaps`);
    if (!resolution.found) return [];
    return this.#view.list(resolution.path).map((name) => `${directory}/glibc-hwcaps/${name}`);
  }

  #fits(path: string, wanted: ElfFile): boolean {
    const resolution = this.#view.resolve(path);
    const elf = resolution.found ? this.#view.elf(resolution.path) : undefined;
    return elf !== undefined && sameMachine(elf, wanted);
  }
}
