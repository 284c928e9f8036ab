import { HostView, nameOf } from '../desired/closure/host-view.ts';
import { linkerCachePath } from '../desired/closure/linker-cache.ts';
import { parseToolEntry } from '../manifest/tool-entry.ts';
import { commandDirectories } from '../model/command-directories.ts';
import { parentOf } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';
import { type Tried, tryEntries } from './entries.ts';
import { type FoundTools, someOf } from './found.ts';
import { type Inventory, type JailFile, readInventory } from './inventory.ts';
import { wholeSections } from './sections.ts';
import { hasWhole, wholeDirectories } from './whole-directories.ts';
import { wholePackages } from './whole-packages.ts';

/** jailctl makes these itself. */
export const ownFiles: ReadonlySet<string> = new Set([
  ...['/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/localtime', linkerCachePath],
]);

/** Settings of ldconfig and of Jailkit's login shell, which a jail of jailctl's does not run. */
const needlessFiles = ['/etc/ld.so.conf', '/etc/jailkit/jk_lsh.ini', '/etc/jailkit/jk_socketd.ini'];

/** More files than this are not listed one by one. */
const singleFilesMax = 40;

const setIds = 0o6000;

/** A command by its name, where that means this file on the host; else by its path. */
function commandEntry(reader: Reader, view: HostView, { path, host }: JailFile): string {
  const name = nameOf(path);
  const usual = reader.which(name);
  const resolution = usual === undefined ? undefined : view.resolve(usual);
  const same = resolution?.found === true && resolution.path === host;
  return same && parseToolEntry(name).ok ? name : path;
}

/** Files of the host that an inventory has, and that the closure of the entries does not. */
function missingFrom({ closure }: Tried, { files }: Inventory): readonly JailFile[] {
  return files.filter(
    ({ path, host }) =>
      !ownFiles.has(path) &&
      !needlessFiles.includes(path) &&
      !closure.entries.has(path) &&
      (host === undefined || !closure.entries.has(host)),
  );
}

function ofPaths(what: string, paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? [] : [`${what}: ${someOf(paths)}`];
}

function notesOf(inventory: Inventory, left: readonly JailFile[], tried: Tried): readonly string[] {
  const paths = (files: readonly JailFile[]) => files.map(({ path }) => path);
  const { files, open } = inventory;
  return [
    ...tried.refused.map(({ entry, why }) => `not taken: ${entry}: ${why}`),
    ...ofPaths(
      'no tool of this host brings these, so they would go',
      paths(left.filter(({ host }) => host === undefined)),
    ),
    ...ofPaths(
      'these the host has too, but the list would grow too long; add what is needed',
      paths(left.filter(({ host }) => host !== undefined)),
    ),
    ...ofPaths(
      'set-user-ID and set-group-ID bits do not come along',
      paths(files.filter(({ stat }) => stat.type === 'file' && (stat.mode & setIds) !== 0)),
    ),
    ...ofPaths("until now others than root can change these; they become root's", open),
  ];
}

/** Builds the list: what says most in a line comes first, and later ones bring only the rest. */
class EntryList {
  readonly entries: string[] = [];
  readonly #inventory: Inventory;
  readonly #attempt: (entries: readonly string[]) => Tried;

  constructor(inventory: Inventory, attempt: (entries: readonly string[]) => Tried) {
    this.#inventory = inventory;
    this.#attempt = attempt;
  }

  /** Paths of the host that the jail has, and that neither the list nor `more` brings. */
  missing(more: readonly string[] = []): readonly string[] {
    const tried = this.#attempt([...this.entries, ...more]);
    return missingFrom(tried, this.#inventory).flatMap(({ host, stat }) =>
      host !== undefined && stat.type === 'file' ? [host] : [],
    );
  }

  /** Single files, unless there are too many: programs first, for they bring their libraries. */
  addSingles(view: HostView): void {
    const isLibrary = (path: string) => /\.so[.0-9]*$/.test(path);
    const programs = this.missing().filter(
      (path) => !isLibrary(path) && ((view.lstat(path)?.mode ?? 0) & 0o111) !== 0,
    );
    const all = [...new Set([...programs, ...this.missing(programs)])];
    if (all.length <= singleFilesMax) this.entries.push(...all);
  }
}

/**
 * A list of tools that brings what a jail has: sections of Jailkit that it has whole, packages,
 * commands, directories that it has whole, and single files. What no tool brings is told in a note.
 * @param jailPaths the directories of all jails: nothing is taken from one
 */
export function toolsOf(
  reader: Reader,
  root: string,
  network: boolean,
  jailPaths: readonly string[],
): FoundTools {
  const view = new HostView(reader);
  const inventory = readInventory(reader, view, root);
  const onHost = inventory.files.filter((file) => file.host !== undefined);
  const held = new Set(onHost.flatMap(({ path, host }) => [path, host ?? path]));
  const commands = onHost.filter(({ path }) => commandDirectories.includes(parentOf(path)));
  const namesWithout = (brought: readonly ReadonlySet<string>[]) =>
    commands
      .filter(({ host = '' }) => !brought.some((paths) => paths.has(host)))
      .map((file) => commandEntry(reader, view, file))
      .sort();
  const attempt = (wanted: readonly string[]) => tryEntries(reader, wanted, { network, jailPaths });
  const list = new EntryList(inventory, attempt);
  const sections = wholeSections(view, (path) =>
    view.lstat(path)?.type === 'directory' ? hasWhole(view, held, path) : held.has(path),
  );
  const bySection = sections.map(({ paths }) => paths);
  list.entries.push(...sections.map(({ name }) => `jailkit:${name}`));
  const packages = wholePackages(view, held, list.missing(namesWithout(bySection)));
  const byPackage = packages.map(({ files }) => files);
  list.entries.push(...packages.map(({ name }) => `package:${name}`));
  list.entries.push(...namesWithout([...bySection, ...byPackage]));
  list.entries.push(...wholeDirectories(view, held, list.missing()));
  list.addSingles(view);
  const tried = attempt(list.entries);
  const left = missingFrom(tried, inventory);
  return { entries: tried.entries, notes: notesOf(inventory, left, tried) };
}
