import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Reader } from '../model/reader.ts';
import { apkManager } from './managers/apk.ts';
import { aptManager } from './managers/apt.ts';
import { dnfManager } from './managers/dnf.ts';
import { pacmanManager } from './managers/pacman.ts';
import { zypperManager } from './managers/zypper.ts';
import type { PackageManager } from './package-manager.ts';

export const managers: readonly PackageManager[] = [
  aptManager,
  dnfManager,
  zypperManager,
  pacmanManager,
  apkManager,
];

/** `ID`, then the words of `ID_LIKE`, closest relative first (os-release(5)). */
export function systemsOf(osRelease: string): readonly string[] {
  const value = (key: string) =>
    new RegExp(`^${key}=["']?([^"'\n]*)`, 'm').exec(osRelease)?.[1]?.split(' ') ?? [];
  return [...value('ID'), ...value('ID_LIKE')].filter((word) => word !== '');
}

/**
 * The package manager of this host. A host may have another one's command too, to make images of
 * other systems: so what the system says it is comes first.
 */
export function findManager(reader: Reader): PackageManager | undefined {
  const text = reader.readText('/etc/os-release') ?? reader.readText('/usr/lib/os-release') ?? '';
  const present = managers.filter(({ command }) => reader.which(command) !== undefined);
  for (const system of systemsOf(text)) {
    const found = present.find(({ systems }) => systems.includes(system));
    if (found !== undefined) return found;
  }
  return present.length === 1 ? present[0] : undefined;
}

/** @param names as apt has them, for who installs by hand */
export function noManager(names: readonly string[]): Failure {
  const known = managers.map(({ name }) => name).join(', ');
  return new Failure(`this host has no package manager that jailctl knows (${known})`, {
    exitCode: exitCode.missing,
    ...(names.length === 0
      ? {}
      : { hint: `install by hand what these are in Debian: ${names.join(', ')}` }),
  });
}
