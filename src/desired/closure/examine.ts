import { parentOf } from '../../model/host-paths.ts';
import type { Collection } from './collection.ts';
import { realCommandDirectories } from './command-directories.ts';
import { dependenciesOf } from './dependencies.ts';
import { type HostView, nameOf } from './host-view.ts';
import type { LibrarySearch } from './library-search.ts';
import { parseShebang, scriptHeadBytes } from './script.ts';
import type { TakenFile, Taker } from './taker.ts';

const executableBits = 0o111;
const libraryName = /\.so(?:\.\d+)*$/;

/** Finds out what files that were taken need, and takes that too. */
export class Examiner {
  readonly #view: HostView;
  readonly #collection: Collection;
  readonly #taker: Taker;
  readonly #search: LibrarySearch;
  readonly #commandDirectories: ReadonlySet<string>;

  constructor(view: HostView, collection: Collection, taker: Taker, search: LibrarySearch) {
    this.#view = view;
    this.#collection = collection;
    this.#taker = taker;
    this.#search = search;
    this.#commandDirectories = new Set(realCommandDirectories(view));
  }

  /** Goes on until nothing that was taken needs anything more. */
  examineAll(): void {
    for (let files = this.#taker.drain(); files.length > 0; files = this.#taker.drain()) {
      for (const file of files) this.#examine(file);
    }
  }

  #examine(file: TakenFile): void {
    const { path, stat } = file;
    const executable = (stat.mode & executableBits) !== 0;
    if (stat.sizeBytes === 0 || !(executable || libraryName.test(nameOf(path)))) return;
    if (this.#view.elf(path) !== undefined) this.#takeLibraries(file);
    else if (executable && this.#isRun(file)) this.#takeInterpreter(file);
  }

  /**
   * Scripts deep in a directory that was taken whole are helpers that few people run: a stray
   * `#!/bin/csh` there must not bring csh into a jail.
   */
  #isRun({ path, wanted }: TakenFile): boolean {
    return wanted || this.#commandDirectories.has(parentOf(path));
  }

  #takeLibraries({ path, origin }: TakenFile): void {
    const elf = this.#view.elf(path);
    if (elf === undefined) return;
    const { found, missing } = dependenciesOf(this.#view, this.#search, path, elf);
    for (const { because, path: library, neededBy } of found) {
      this.#taker.take(library, { because, neededBy }, origin, false);
    }
    for (const { because, name, neededBy } of missing) {
      this.#collection.reportMissing(origin, because, name, neededBy);
    }
  }

  #takeInterpreter({ path, origin }: TakenFile): void {
    const head = this.#view.reader.readBytes(path, 0, scriptHeadBytes);
    const interpreter = parseShebang(head);
    if (interpreter === undefined) return;
    const { command } = interpreter;
    const found = command === undefined ? undefined : this.#view.reader.which(command);
    const absolute = command?.startsWith('/') ? command : found;
    if (command !== undefined && absolute === undefined) {
      this.#collection.reportMissing(origin, 'interpreter', command, path);
    }
    for (const program of [interpreter.path, absolute]) {
      if (program === undefined) continue;
      if (this.#view.resolve(program).found) {
        this.#taker.take(program, { because: 'interpreter', neededBy: path }, origin, true);
      } else this.#collection.reportMissing(origin, 'interpreter', program, path);
    }
  }
}
