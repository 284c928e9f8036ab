import { readdirSync } from 'node:fs';
import { applyManifest, pythonList, shell, writeManifest } from '../manifest.ts';
import { workDirectory } from '../native.ts';
import { jailctlArgv, timeProgram } from '../program.ts';
import type { Size } from './cycle.ts';

/** Jails with Python. A name ends in a letter, or users of two jails could have one name. */
export function manifestOf({ jails, users }: Size, moreInTheFirst = 0): string {
  const entries = Array.from({ length: jails }, (_, index) => {
    const count = users + (index === 0 ? moreInTheFirst : 0);
    return `  j${index + 1}x: { users: ${count}, requirements: [${pythonList}] }\n`;
  });
  return `version: 1\njails:\n${entries.join('')}`;
}

/** Where the jails of such a manifest are. */
export function jailPaths({ jails }: Size): readonly [string, ...string[]] {
  const [first = '', ...others] = Array.from({ length: jails }, (_, index) => `/j${index + 1}x`);
  return [first, ...others];
}

export interface Python {
  /** The tree of a jail, without users and without what is jailctl's own. */
  readonly reference: string;
  /** A library of the host that each jail has. */
  readonly library: string;
  /** What Python's library consists of, for who copies it himself. */
  readonly files: readonly string[];
}

/** Keeps the tree of one jail as a reference, and learns from it what there is. */
export async function findPython(): Promise<Python> {
  const reference = `${workDirectory}/reference`;
  const size = { jails: 1, users: 1 };
  await applyManifest(manifestOf(size));
  const [jail] = jailPaths(size);
  await shell('cp -a "$1" "$2"; rm -r "$2/.jailctl" "$2/home"/*', jail, reference);
  writeManifest(manifestOf(size));
  await timeProgram(destroyArgv);
  const find = 'cd "$1"; find . -type f -name "lib*.so*" | sort | sed -n "1s/^.//p"';
  const library = (await shell(find, reference)).trim();
  const versions = readdirSync(`${reference}/usr/lib`).filter((name) => /^python3\./.test(name));
  const files = versions.flatMap((version) =>
    readdirSync(`${reference}/usr/lib/${version}`).map((name) => `/usr/lib/${version}/${name}`),
  );
  if (library === '' || files.length === 0) throw new Error(`there is no Python in ${reference}`);
  return { reference, library, files };
}

export const destroyArgv = jailctlArgv('destroy', '--yes', '--destroy-data');

/**
 * As a package manager upgrades it: a new file by one rename.
 * @throws Error when the jail has that file already, and nothing is left to do
 */
export async function upgradeOnHost(library: string, jail: string): Promise<void> {
  const upgrade = 'cp -a "$1" "$1.new"; echo >>"$1.new"; mv "$1.new" "$1"';
  await shell(`${upgrade}; if cmp -s "$1" "$2$1"; then exit 1; fi`, library, jail);
}

/** @throws Error unless a jail has the host's file */
export async function checkUpgraded(library: string, jail: string): Promise<void> {
  await timeProgram(['cmp', library, `${jail}${library}`]);
}
