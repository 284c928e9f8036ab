import type { Reason } from './closure.ts';
import type { Collection } from './collection.ts';
import { type HostView, nameOf } from './host-view.ts';
import { javaHomePaths } from './java-home.ts';
import type { LibrarySearch } from './library-search.ts';
import type { Taker } from './taker.ts';

export interface AlwaysOptions {
  /** Programs in the jail may reach hosts by name. */
  readonly network: boolean;
  /** Of the programs in the jail. */
  readonly env: Readonly<Record<string, string>>;
}

const glibcName = 'libc.so.6';

/**
 * Libraries that glibc itself opens by name: NSS modules for users (nsswitch.conf(5)), and
 * libgcc_s when a thread is cancelled or ends itself (pthread_cancel, pthread_exit).
 */
const glibcLibraries = ['libnss_files.so.2', 'libgcc_s.so.1'];
const glibcNetworkLibraries = ['libnss_dns.so.2'];

/** Settings that resolvers read. Their content is taken: resolv.conf often leads into /run. */
const networkSettings = ['/etc/hosts', '/etc/resolv.conf', '/etc/services'];

/** Certificate authorities, where OpenSSL, GnuTLS and Java look on Debian, Fedora and Arch. */
const certificatePaths = [
  '/etc/ca-certificates/extracted',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/certs',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/tls/openssl.cnf',
  '/etc/ssl/certs',
  '/etc/ssl/cert.pem',
  '/etc/ssl/openssl.cnf',
  '/usr/lib/ssl/certs',
  '/usr/lib/ssl/openssl.cnf',
];

/** Symlinks in `/` that programs rely on: `#!/bin/sh`, system(3), the path of the dynamic linker. */
const rootLinks = ['/bin', '/lib', '/lib32', '/lib64', '/libx32', '/sbin'];

/** Where ncurses looks: terminfo(5). */
const terminfoDirectories = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo'];
const localeDirectory = '/usr/lib/locale';

/** Names of a locale's directory, in the order in which glibc tries them: `en_US.UTF-8`, `en_US.utf8`. */
function localeNames(locale: string): readonly string[] {
  const [, language = locale, charset, modifier = ''] =
    /^([^.@]*)(?:\.([^@]*))?(@.*)?$/.exec(locale) ?? [];
  if (charset === undefined) return [locale];
  const normal = charset.toLowerCase().replace(/[^a-z0-9]/g, '');
  return [locale, `${language}.${normal}${modifier}`, `${language}${modifier}`];
}

/** C.UTF-8, where glibc has it as files: callers of every distribution set it. */
const usualLocale = `${localeDirectory}/C.utf8`;

/** The locales that the environment names, `C` and `POSIX` aside: those are inside libc. */
function localesOf(env: Readonly<Record<string, string>>): readonly string[] {
  const locales = Object.entries(env)
    .filter(([name]) => name === 'LANG' || name.startsWith('LC_'))
    .map(([, locale]) => locale)
    .filter(
      (locale) => /^[A-Za-z0-9_.@-]+$/.test(locale) && !['C', 'POSIX', '.', '..'].includes(locale),
    );
  return [...new Set(locales)].sort();
}

/** Takes what programs load without saying so in any header. */
export class AlwaysLoaded {
  readonly #view: HostView;
  readonly #collection: Collection;
  readonly #taker: Taker;
  readonly #search: LibrarySearch;

  constructor(view: HostView, collection: Collection, taker: Taker, search: LibrarySearch) {
    this.#view = view;
    this.#collection = collection;
    this.#taker = taker;
    this.#search = search;
  }

  takeAll({ network, env }: AlwaysOptions): void {
    const libraries = this.#collection.paths().filter((path) => nameOf(path) === glibcName);
    for (const libc of libraries) this.#takeGlibcLibraries(libc, network);
    const [libc] = libraries;
    if (libc !== undefined) {
      this.#takeIfThere(usualLocale, libc);
      for (const locale of localesOf(env)) this.#takeLocale(locale, libc);
    }
    for (const path of this.#collection.paths()) {
      for (const part of javaHomePaths(this.#view, path)) this.#takeIfThere(part, path);
    }
    if (network) this.#takeNetworkFiles();
    if (env['TERM'] !== undefined) this.#takeTerminal(env['TERM']);
    this.#takeRootLinks();
  }

  #takeIfThere(path: string, neededBy: string): boolean {
    if (!this.#view.resolve(path).found) return false;
    const reason: Reason = { because: 'loaded-by-name', neededBy };
    return this.#taker.take(path, reason, { named: false }, false);
  }

  #takeGlibcLibraries(libc: string, network: boolean): void {
    const resolution = this.#view.resolve(libc);
    const elf = resolution.found ? this.#view.elf(resolution.path) : undefined;
    if (!resolution.found || elf === undefined) return;
    const from = { path: resolution.path, foundAs: libc, elf };
    for (const name of [...glibcLibraries, ...(network ? glibcNetworkLibraries : [])]) {
      for (const path of this.#search.find(name, from, 'glibc')) this.#takeIfThere(path, libc);
    }
  }

  #takeLocale(locale: string, libc: string): void {
    const directory = localeNames(locale)
      .map((name) => `${localeDirectory}/${name}`)
      .find((path) => this.#view.resolve(path).found);
    const taken = this.#takeIfThere(directory ?? `${localeDirectory}/locale-archive`, libc);
    if (!taken) {
      this.#collection.leaveOut(`${localeDirectory}/${locale}`, 'is not a locale of this host');
    }
  }

  /** A program without libc may use the network too: then it is the program that needs the files. */
  #takeNetworkFiles(): void {
    const files = this.#collection
      .paths()
      .filter((path) => this.#collection.entry(path)?.entry.type === 'file');
    const neededBy = files.find((path) => nameOf(path) === glibcName) ?? files[0];
    if (neededBy === undefined) return;
    for (const path of networkSettings) {
      this.#taker.takeContent(path, { because: 'loaded-by-name', neededBy });
    }
    for (const path of certificatePaths) this.#takeIfThere(path, neededBy);
  }

  #takeTerminal(terminal: string): void {
    const [first] = terminal;
    const user = this.#collection
      .paths()
      .find((path) => /^lib(?:tinfo|ncurses)/.test(nameOf(path)));
    if (first === undefined || user === undefined || !/^[A-Za-z0-9][\w.+-]*$/.test(terminal))
      return;
    for (const directory of terminfoDirectories) {
      this.#takeIfThere(`${directory}/${first}/${terminal}`, user);
    }
  }

  #takeRootLinks(): void {
    for (const path of rootLinks) {
      const resolution = this.#view.resolve(path);
      if (!resolution.found || resolution.links.length === 0) continue;
      if (!this.#collection.has(resolution.path)) continue;
      this.#taker.takeDirectoryOnly(path, {
        because: 'loaded-by-name',
        neededBy: resolution.path,
      });
    }
  }
}
