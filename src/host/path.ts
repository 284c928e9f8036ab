import { statSync } from 'node:fs';
import { join } from 'node:path';
import { commandDirectories } from '../model/command-directories.ts';
import { MissingToolError } from '../model/failure.ts';

/** The whole environment of every program that jailctl starts for itself. */
export const toolEnvironment = { PATH: commandDirectories.join(':'), LC_ALL: 'C' };

/** The Debian package that brings a tool, where its name does not say so. */
const packageOf: Readonly<Record<string, string>> = {
  'iptables-save': 'iptables',
  'ip6tables-save': 'iptables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  getfattr: 'attr',
  setfattr: 'attr',
  vipw: 'passwd',
  find: 'findutils',
  flock: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  du: 'coreutils',
  timeout: 'coreutils',
  rm: 'coreutils',
  cp: 'coreutils',
  mknod: 'coreutils',
  mkfifo: 'coreutils',
};

/** The absolute path of a command on the fixed PATH, symlinks not followed. */
export function findCommand(command: string): string | undefined {
  for (const directory of commandDirectories) {
    const path = join(directory, command);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() && (stats.mode & 0o111) !== 0) return path;
  }
  return undefined;
}

/** What a run that changes the host may need, from its first look at the host to its last. */
const toolsOfARun = [
  'iptables-save',
  'ip6tables-save',
  'iptables-restore',
  'ip6tables-restore',
  'getfattr',
  'du',
  'flock',
  'vipw',
  'setpriv',
  'mknod',
  'cp',
  'rm',
];

/**
 * Missed half-way, a tool would leave the host between two states: so all are looked for first.
 * @throws MissingToolError
 */
export function requireToolsOfARun(): void {
  for (const tool of toolsOfARun) requireCommand(tool);
}

/** @throws MissingToolError, with the package to install, where the host has no such command */
export function requireCommand(command: string): string {
  const path = findCommand(command);
  if (path === undefined) throw new MissingToolError(command, packageOf[command]);
  return path;
}
