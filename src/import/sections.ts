import { expandGlob, isGlob } from '../desired/closure/glob.ts';
import type { HostView } from '../desired/closure/host-view.ts';
import {
  jailkitSection,
  jailkitSectionKeys,
  jailkitSectionNames,
  jailkitSectionsPath,
} from '../desired/closure/jailkit.ts';

/** Fewer commands are clearer by their own names. */
const commandsMin = 3;

interface Section {
  readonly name: string;
  /** What the host has of it, symlinks followed. */
  readonly paths: ReadonlySet<string>;
}

/** What the host has of a section: its paths, symlinks followed, and how many are commands. */
function hostPaths(view: HostView, items: readonly string[]) {
  const paths = new Set<string>();
  let commands = 0;
  for (const item of items) {
    const path = item.startsWith('/') ? item.replace(/(?<=.)\/+$/, '') : view.reader.which(item);
    if (path === undefined) continue;
    for (const one of isGlob(path) ? expandGlob(view, path) : [path]) {
      const resolution = view.resolve(one);
      if (!resolution.found) continue;
      paths.add(resolution.path);
      if (/\/s?bin\//.test(one)) commands += 1;
    }
  }
  return { paths, commands };
}

/** What a section lists itself, without what it includes. */
function ownItems(text: string, name: string): readonly string[] {
  const included = jailkitSectionKeys(text, name).get('includesections') ?? [];
  const others = new Set(included.flatMap((other) => jailkitSection(text, other)?.paths ?? []));
  return (jailkitSection(text, name)?.paths ?? []).filter((item) => !others.has(item));
}

/**
 * Sections of Jailkit's list that a jail has whole, as far as the host has them: they are likely
 * what it was made of. One that another holds is left out.
 * @param has does the jail have this path of the host?
 */
export function wholeSections(view: HostView, has: (path: string) => boolean): readonly Section[] {
  const text = view.reader.readText(jailkitSectionsPath);
  if (text === undefined) return [];
  const whole = jailkitSectionNames(text).flatMap((name): readonly Section[] => {
    if (!/^[A-Za-z0-9_.+-]+$/.test(name)) return [];
    const { paths, commands } = hostPaths(view, jailkitSection(text, name)?.paths ?? []);
    const own = ownItems(text, name);
    // Of a program that the host does not have, only what it includes would be there.
    const isHere = own.length === 0 || hostPaths(view, own).paths.size > 0;
    return isHere && commands >= commandsMin && [...paths].every(has) ? [{ name, paths }] : [];
  });
  whole.sort((a, b) => b.paths.size - a.paths.size || (a.name < b.name ? -1 : 1));
  const chosen: Section[] = [];
  for (const section of whole) {
    const covered = chosen.some(({ paths }) => [...section.paths].every((path) => paths.has(path)));
    if (!covered) chosen.push(section);
  }
  return chosen;
}
