import type { Reader } from '../model/reader.ts';

/** A command with its arguments. */
export type Argv = readonly [string, ...string[]];

/** What the host needs a package for. Its name differs from one package manager to the next. */
export const packageKeys = [
  'attr',
  'coreutils',
  'crun',
  'findutils',
  'iptables',
  'jailkit',
  'openssh-server',
  'passwd',
  'runc',
  'tar',
  'util-linux',
  'zstd',
] as const;

export type PackageKey = (typeof packageKeys)[number];

/** `settings`: it was removed, and its files in /etc are still there. */
export type PackageState = 'installed' | 'settings';

/** What is asked of a package manager. Everything here only reads, or is plain data to be run. */
export interface PackageManager {
  readonly name: 'apt' | 'dnf' | 'zypper' | 'pacman' | 'apk';
  /** The command by which it is known that the host has it. */
  readonly command: string;
  /** `ID` and `ID_LIKE` of os-release(5) that go with it. */
  readonly systems: readonly string[];
  /** A name that is missing: it has no such package. */
  readonly packages: Readonly<Partial<Record<PackageKey, string>>>;
  /** Fetches its lists of packages anew; absent where that must not be done by itself. */
  readonly refresh?: Argv;
  install(names: readonly string[]): Argv;
  /** It never takes away what is not named. */
  remove(names: readonly string[]): Argv;
  /** Removes files in /etc of packages that are removed; absent where these go at once. */
  forget?(names: readonly string[]): Argv;
  /** Every package that the host has. */
  readState(reader: Reader): ReadonlyMap<string, PackageState>;
  /**
   * What would be newly installed, dependencies included; undefined where it can't tell, or would
   * refuse.
   */
  preview?(reader: Reader, names: readonly string[]): readonly string[] | undefined;
  /** What would be removed with these, because it needs them. */
  neededBy?(reader: Reader, names: readonly string[]): readonly string[];
}

/** A package that jailctl installed. */
export interface RecordedPackage {
  readonly name: string;
  /** The host had its files in /etc before, from an earlier time: they stay. */
  readonly hadSettings: boolean;
}
