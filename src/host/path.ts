import { statSync } from 'node:fs';
import { join } from 'node:path';
import { commandDirectories } from '../model/command-directories.ts';
import { MissingToolError } from '../model/failure.ts';
import { packageOfTool, toolsOfAChange } from '../model/host-tools.ts';

/** The whole environment of every program that jailctl starts for itself. */
export const toolEnvironment = { PATH: commandDirectories.join(':'), LC_ALL: 'C' };

/** The absolute path of a command on the fixed PATH, symlinks not followed. */
export function findCommand(command: string): string | undefined {
  for (const directory of commandDirectories) {
    const path = join(directory, command);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() && (stats.mode & 0o111) !== 0) return path;
  }
  return undefined;
}

/**
 * Missed half-way, a tool would leave the host between two states: so all are looked for first.
 * @throws MissingToolError
 */
export function requireToolsOfARun(): void {
  for (const tool of toolsOfAChange) requireCommand(tool);
}

/** @throws MissingToolError, with the package to install, where the host has no such command */
export function requireCommand(command: string): string {
  const path = findCommand(command);
  if (path === undefined) throw new MissingToolError(command, packageOfTool[command]);
  return path;
}
