import { isGlob } from '../desired/closure/glob.ts';
import {
  jailkitSection,
  jailkitSectionKeys,
  jailkitSectionNames,
} from '../desired/closure/jailkit.ts';
import { parseToolEntry } from '../manifest/tool-entry.ts';
import { printable } from '../model/printable.ts';
import type { Reader } from '../model/reader.ts';
import { tryEntries } from './entries.ts';
import { ownFiles } from './tools.ts';

/** A requirement file made of a section. */
export interface RequirementText {
  /** Without directory: `netutils.txt`. */
  readonly file: string;
  readonly text: string;
}

/** Keys of jk_init.ini that ask for something a jail of jailctl's does not need, and why. */
const needless: Readonly<Record<string, string>> = {
  users: 'a jail knows its own users, and nobody else',
  groups: 'a jail knows the groups of its own users, and no other',
  devices: 'every jail has its own small /dev: null, zero, full, random, urandom',
  emptydirs: 'every jail has /proc and /tmp; an empty directory comes with nothing',
  need_logsocket: "programs in a jail can't log to the host",
};

const setuidNote = 'these lose their set-user-ID bit';

function comments(text: string, name: string): readonly string[] {
  const keys = jailkitSectionKeys(text, name);
  const list = (key: string) => (keys.get(key) ?? []).map(printable).join(', ');
  const lines = Object.entries(needless)
    .filter(([key]) => (keys.get(key) ?? []).length > 0)
    .map(([key, why]) => `# ${key}: ${list(key)}: ${why}.`);
  const setuid = list('paths_w_setuid');
  return setuid === '' ? lines : [...lines, `# paths_w_setuid: ${setuid}: ${setuidNote}.`];
}

function normal(item: string): string {
  return item.startsWith('/') ? item.replace(/(?<=.)\/+$/, '') : item;
}

/**
 * Turns sections of Jailkit's list into requirement files, their `includesections` followed. What
 * this host does not have gets a `?`: Jailkit skips it, too.
 */
export function requirementTexts(
  reader: Reader,
  text: string,
  names: readonly string[],
): readonly RequirementText[] {
  return names.map((name) => {
    const items = [...new Set((jailkitSection(text, name)?.paths ?? []).map(normal))];
    const usable = items.filter((item) => parseToolEntry(item).ok);
    const tried = tryEntries(reader, usable, { network: false, jailPaths: [] });
    const lines = items.map((item) => {
      if (ownFiles.has(item)) return `# ${item}: every jail has its own.`;
      if (tried.entries.includes(item)) return item;
      const problem = parseToolEntry(item);
      if (!problem.ok) return `# ${printable(item)}: ${problem.problem.message}`;
      const why = tried.refused.find(({ entry }) => entry === item)?.why ?? '';
      const absent = /is not (?:on this host|a command of this host)|^nothing on this host/.test(
        why,
      );
      return absent || isGlob(item) ? `?${item}` : `# ${item}: ${why}`;
    });
    const head = [`# Section ${printable(name)} of Jailkit's list.`, ...comments(text, name)];
    const file = `${name.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^\./, '_')}.txt`;
    return { file, text: `${[...head, ...lines].join('\n')}\n` };
  });
}

/** The sections that are asked for, or all; undefined in place of one that is not there. */
export function sectionsNamed(
  text: string,
  names: readonly string[],
): { readonly found: readonly string[]; readonly missing: string | undefined } {
  const all = jailkitSectionNames(text);
  if (names.length === 0) return { found: all, missing: undefined };
  return { found: names, missing: names.find((name) => !all.includes(name)) };
}
