import { linesByName } from '../../model/account-text.ts';
import { Failure } from '../../model/failure.ts';
import type { Reader } from '../../model/reader.ts';
import { type AccountFile, accountFiles, namesIn, parseGroup } from './account.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** The account files, lines by name. Not every host uses shadow and gshadow. */
export interface AccountTexts {
  readonly passwd: Lines;
  readonly group: Lines;
  readonly shadow?: Lines;
  readonly gshadow?: Lines;
}

/**
 * Reads each file once.
 * @throws Failure where the host has no passwd or no group file
 */
export function readAccountTexts(reader: Reader): AccountTexts {
  const texts: Partial<Record<AccountFile, Lines>> = {};
  for (const file of accountFiles) {
    const text = reader.readText(`/etc/${file}`);
    if (text !== undefined) texts[file] = linesByName(text);
  }
  const { passwd, group, ...others } = texts;
  if (passwd === undefined || group === undefined) {
    throw new Failure('this host has no /etc/passwd or no /etc/group');
  }
  return { passwd, group, ...others };
}

/** All entries of a name as one text; null where the file has none. */
export function entryText(lines: Lines, name: string): string | null {
  return lines.get(name)?.join('\n') ?? null;
}

/** For each user, the groups that list it as a member, or as one who may add members. */
export function groupsOfUsers(texts: AccountTexts): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  const add = (user: string, group: string) => {
    const known = groups.get(user);
    if (known === undefined) groups.set(user, new Set([group]));
    else known.add(group);
  };
  for (const [file, lines] of [
    ['group', texts.group],
    ['gshadow', texts.gshadow],
  ] as const) {
    for (const line of [...(lines?.values() ?? [])].flat()) {
      const { name, third, members } = parseGroup(line);
      for (const user of members) add(user, name);
      if (file === 'gshadow') for (const user of namesIn(third)) add(user, name);
    }
  }
  return groups;
}
