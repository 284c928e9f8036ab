import type { ElfFile } from './elf.ts';
import { type HostView, nameOf } from './host-view.ts';
import type { LibC, LibrarySearch, Loaded } from './library-search.ts';

export interface Dependency {
  readonly because: 'interpreter' | 'library';
  /** As the dynamic linker would find it: there may be symlinks on the way. */
  readonly path: string;
  /** The program or library that asks for it, with no symlink on the way. */
  readonly neededBy: string;
}

export interface Missing {
  readonly because: 'interpreter' | 'library';
  /** The name that the host has nothing for. */
  readonly name: string;
  readonly neededBy: string;
}

export interface Dependencies {
  readonly found: readonly Dependency[];
  readonly missing: readonly Missing[];
}

/** More libraries than any program loads; a hostile set of files ends here. */
const loadedMax = 4096;

/** musl's libc answers to all of these names itself (ldso/dynlink.c, load_library). */
const muslReserved = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./;

function libcOf(elf: ElfFile): LibC {
  if (elf.interpreter !== undefined) {
    return nameOf(elf.interpreter).startsWith('ld-musl') ? 'musl' : 'glibc';
  }
  return elf.needed.some((name) => name === 'libc.so' || name.startsWith('libc.musl-'))
    ? 'musl'
    : 'glibc';
}

/**
 * What a program, or a library that is loaded by name, needs: its dynamic linker and all its
 * libraries, found breadth first as ld.so does, since a library that is loaded already answers
 * for its name wherever it was found.
 * @param path with no symlink on the way
 */
export function dependenciesOf(
  view: HostView,
  search: LibrarySearch,
  path: string,
  elf: ElfFile,
): Dependencies {
  const found: Dependency[] = [];
  const missing: Missing[] = [];
  const libc = libcOf(elf);
  const names = new Set<string>();
  const loaded = new Set([path]);
  const queue: Loaded[] = [{ path, foundAs: path, elf }];

  const load = (foundAs: string, loader: Loaded, because: Dependency['because']): void => {
    found.push({ because, path: foundAs, neededBy: loader.path });
    const resolution = view.resolve(foundAs);
    const library = resolution.found ? view.elf(resolution.path) : undefined;
    if (!resolution.found || library === undefined || loaded.has(resolution.path)) return;
    loaded.add(resolution.path);
    if (library.soname !== undefined) names.add(library.soname);
    queue.push({ path: resolution.path, foundAs, elf: library, loader });
  };

  const [root] = queue;
  const { interpreter } = elf;
  if (root !== undefined && interpreter !== undefined) {
    names.add(nameOf(interpreter));
    if (view.resolve(interpreter).found) load(interpreter, root, 'interpreter');
    else missing.push({ because: 'interpreter', name: interpreter, neededBy: path });
  }
  for (let index = 0; index < queue.length && index < loadedMax; index++) {
    const from = queue[index];
    if (from === undefined) break;
    for (const name of from.elf.needed) {
      if (names.has(name) || (libc === 'musl' && muslReserved.test(name))) continue;
      names.add(name);
      const paths = search.find(name, from, libc);
      for (const each of paths) load(each, from, 'library');
      if (paths.length === 0) missing.push({ because: 'library', name, neededBy: from.path });
    }
  }
  return { found, missing };
}
