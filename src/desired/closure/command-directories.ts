import { commandDirectories } from '../../model/command-directories.ts';
import { nearestNames } from '../../model/nearest.ts';
import type { HostView } from './host-view.ts';

/** Where command names are looked up, with symlinks followed: `/bin` is often `/usr/bin`. */
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
