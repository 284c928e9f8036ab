import { nearestNames } from '../../model/nearest.ts';
import type { HostView } from './host-view.ts';

/** Where a command name is looked up, as by the Reader's `which`. */
const commandDirectories = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/** The same with symlinks followed: `/bin` is often `/usr/bin`. */
export function realCommandDirectories(view: HostView): readonly string[] {
  return commandDirectories.map((directory) => {
    const resolution = view.resolve(directory);
    return resolution.found ? resolution.path : directory;
  });
}

/** The commands of this host whose names are nearest to one that it does not have. */
export function nearestCommands(view: HostView, command: string): readonly string[] {
  const names = new Set(realCommandDirectories(view).flatMap((directory) => view.list(directory)));
  return nearestNames(command, names);
}
