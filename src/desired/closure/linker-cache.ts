import type { TreeEntry } from '../../kinds/tree/entry.ts';
import type { Reader } from '../../model/reader.ts';
import type { Closure } from './closure.ts';
import type { ElfFile } from './elf.ts';
import { HostView, nameOf } from './host-view.ts';
import { type CachedLibrary, encodeLinkerCache } from './linker-cache-format.ts';
import { configuredDirectories } from './linker-config.ts';
import { defaultDirectories, machineOf } from './machine.ts';

/** Where ld.so reads it, in the jail. */
export const linkerCachePath = '/etc/ld.so.cache';

/** What ldconfig(8) looks at. */
const libraryName = /^(?:lib|ld-).*\.so(?:\.|$)/;
const hardwareDirectory = /^(.+)\/glibc-hwcaps\/([^/]+)$/;

interface Library {
  readonly path: string;
  readonly elf: ElfFile;
}

/** The libraries of a closure, symlinks to them included, by the directory they lie in. */
function librariesByDirectory(
  view: HostView,
  entries: Closure['entries'],
): ReadonlyMap<string, Library[]> {
  const directories = new Map<string, Library[]>();
  for (const [path, { entry }] of entries) {
    if (entry.type === 'directory' || !libraryName.test(nameOf(path))) continue;
    const resolution = view.resolve(path);
    if (!resolution.found || !entries.has(resolution.path)) continue;
    const elf = view.elf(resolution.path);
    if (elf === undefined) continue;
    const directory = path.slice(0, path.lastIndexOf('/'));
    const libraries = directories.get(directory) ?? [];
    libraries.push({ path, elf });
    directories.set(directory, libraries);
  }
  return directories;
}

/** The directories that ld.so finds through its cache, first one first, symlinks followed. */
function searchedDirectories(view: HostView, elfFiles: Iterable<ElfFile>): readonly string[] {
  const named = [...configuredDirectories(view), ...[...elfFiles].flatMap(defaultDirectories)];
  const real = named.map((directory) => view.resolve(directory));
  return [...new Set(real.flatMap((resolution) => (resolution.found ? [resolution.path] : [])))];
}

/** ldconfig lists a library by its DT_SONAME; a name that a symlink gives it works too. */
function namesOf({ path, elf }: Library): readonly string[] {
  return [...new Set([nameOf(path), elf.soname ?? nameOf(path)])];
}

function cached(library: Library, variant: string | undefined): readonly CachedLibrary[] {
  const flags = machineOf(library.elf)?.cacheFlags;
  if (flags === undefined) return [];
  return namesOf(library).map((name) => ({
    name,
    path: library.path,
    flags,
    ...(variant !== undefined && { variant }),
  }));
}

/**
 * Libraries that a program finds beside itself, by `$ORIGIN`. ld.so learns a program's place from
 * /proc/self/exe, and a plain chroot(8) has no /proc: Java would not start in one. Last in order,
 * so that they never hide a library of the same name.
 */
function foundByOrigin(
  jailEntries: Closure['entries'],
  libraries: readonly Library[],
  searched: readonly CachedLibrary[],
): readonly CachedLibrary[] {
  const known = new Set(searched.map(({ path }) => path));
  return libraries
    .filter(({ path }) => !known.has(path) && !path.includes('/glibc-hwcaps/'))
    .filter(({ path }) => jailEntries.get(path)?.reason.because === 'library')
    .flatMap((library) => cached(library, undefined));
}

/**
 * The ld.so.cache of a jail: a jail has no ldconfig to run, and a library in a directory that only
 * the host's /etc/ld.so.conf names would not be found without one. Undefined where the jail has
 * no glibc, which alone reads it.
 * @throws Failure when the host can't be read
 */
export function linkerCache(
  reader: Reader,
  jailEntries: Closure['entries'],
): Extract<TreeEntry, { type: 'file' }> | undefined {
  const view = new HostView(reader);
  const libraries = librariesByDirectory(view, jailEntries);
  const all = [...libraries.values()].flat();
  const [first] = all.filter(({ path }) => nameOf(path) === 'libc.so.6');
  if (first === undefined) return undefined;
  const directories = searchedDirectories(
    view,
    all.map(({ elf }) => elf),
  );
  const entries = directories.flatMap((directory) =>
    [...libraries].flatMap(([holder, held]) => {
      const [, base, variant] = hardwareDirectory.exec(holder) ?? [];
      if (holder !== directory && base !== directory) return [];
      return held.flatMap((library) => cached(library, variant));
    }),
  );
  entries.push(...foundByOrigin(jailEntries, all, entries));
  const bytes = encodeLinkerCache(entries, first.elf.littleEndian);
  return {
    type: 'file',
    mode: 0o644,
    sizeBytes: bytes.length,
    source: { from: 'jailctl', base64: Buffer.from(bytes).toString('base64') },
  };
}
