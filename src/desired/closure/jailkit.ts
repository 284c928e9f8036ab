/** Jailkit's own list of tools, in its place on Debian and Fedora. */
export const jailkitSectionsPath = '/etc/jailkit/jk_init.ini';

/** What a section of jk_init.ini asks for, its `includesections` followed. */
export interface JailkitSection {
  /** Command names, paths and globs; none of them has to exist. */
  readonly paths: readonly string[];
  readonly emptyDirectories: readonly string[];
  readonly devices: readonly string[];
  readonly needsLogSocket: boolean;
}

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** As Python's configparser reads it: `key = value` or `key: value`, indented lines go on. */
function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    const [, name, value = ''] = /^([^\s=:][^=:]*)[=:](.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      key = undefined;
    } else if (/^\s/.test(line) && section !== undefined && key !== undefined) {
      section.set(key, `${section.get(key) ?? ''},${line.trim()}`);
    } else if (name !== undefined && section !== undefined) {
      key = name.trim().toLowerCase();
      section.set(key, value.trim());
    }
  }
  return sections;
}

/** The keys that jk_init copies from, of all its versions. */
const pathKeys = [
  'paths',
  'libraries',
  'executables',
  'regularfiles',
  'directories',
  'paths_w_owner',
  'paths_w_setuid',
];

/** What a section and all that it includes list under each key, each item once. */
export function jailkitSectionKeys(
  text: string,
  name: string,
): ReadonlyMap<string, readonly string[]> {
  const sections = parseSections(text);
  const items = (list = ''): readonly string[] =>
    list
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  const byKey = new Map<string, Set<string>>();
  const included = new Set([name]);
  // A set grows while it is walked, so this follows includes of includes, each once.
  for (const section of included) {
    for (const [key, list] of sections.get(section) ?? []) {
      const known = byKey.get(key) ?? new Set();
      for (const item of items(list)) known.add(item);
      byKey.set(key, known);
    }
    for (const other of items(sections.get(section)?.get('includesections'))) included.add(other);
  }
  return new Map([...byKey].map(([key, held]) => [key, [...held]]));
}

/**
 * A section of jk_init.ini with all that it includes; undefined where the file has no such
 * section. Users and groups are not read: a jail's account files hold its own users only.
 */
export function jailkitSection(text: string, name: string): JailkitSection | undefined {
  if (!parseSections(text).has(name)) return undefined;
  const byKey = jailkitSectionKeys(text, name);
  const all = (...keys: readonly string[]): readonly string[] => [
    ...new Set(keys.flatMap((key) => byKey.get(key) ?? [])),
  ];
  return {
    paths: all(...pathKeys),
    emptyDirectories: all('emptydirs'),
    devices: all('devices'),
    needsLogSocket: all('need_logsocket').length > 0,
  };
}

/** The names of all sections, sorted. */
export function jailkitSectionNames(text: string): readonly string[] {
  return [...parseSections(text).keys()].sort();
}
