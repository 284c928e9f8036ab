import type { Change } from '../../model/change.ts';
import { chrootShell } from '../../model/host-paths.ts';
import type { AccountEdits, Step } from '../../model/step.ts';
import { type Account, type AccountFile, accountFiles, namesIn, parsePasswd } from './account.ts';
import { entryReasons } from './diff.ts';

type Removal = Extract<Change<Account>, { action: 'delete' }>;
type Writing = Exclude<Change<Account>, Removal>;

/** The entries of foreign groups as the steps so far leave them, by file and name. */
interface GroupTexts {
  readonly group: Map<string, string>;
  readonly gshadow: Map<string, string>;
}

interface Draft {
  readonly write: Record<AccountFile, Record<string, string>>;
  readonly remove: Record<AccountFile, string[]>;
  readonly expected: Record<AccountFile, Record<string, string | null>>;
}

function newDraft(): Draft {
  return {
    write: { passwd: {}, group: {}, shadow: {}, gshadow: {} },
    remove: { passwd: [], group: [], shadow: [], gshadow: [] },
    expected: { passwd: {}, group: {}, shadow: {}, gshadow: {} },
  };
}

function editsOf(draft: Draft): AccountEdits {
  return { ...draft.write, remove: draft.remove, expected: draft.expected };
}

/** Takes a user out of the lists of a group's entries, and leaves the rest of them as it is. */
function withoutUser(text: string, user: string, listFields: readonly number[]): string {
  const lines = text.split('\n').map((line) => {
    const lineFields = line.split(':');
    return lineFields
      .map((field, index) => {
        if (!listFields.includes(index) || !namesIn(field.trim()).includes(user)) return field;
        return namesIn(field)
          .filter((name) => name.trim() !== user)
          .join(',');
      })
      .join(':');
  });
  return lines.join('\n');
}

/** Both files list members in field 4; field 3 of gshadow lists administrators. */
const listFields = { group: [3], gshadow: [2, 3] } as const;

function leaveGroups(draft: Draft, account: Account, texts: GroupTexts): void {
  for (const membership of account.memberships) {
    for (const [file, original] of [
      ['group', membership.groupText],
      ['gshadow', membership.gshadowText],
    ] as const) {
      const { group } = membership;
      if (original === null) continue;
      const current = texts[file].get(group) ?? original;
      draft.expected[file][group] ??= current;
      const left = withoutUser(current, account.name, listFields[file]);
      if (left === current) continue;
      texts[file].set(group, left);
      draft.write[file][group] = left;
    }
  }
}

function expect(draft: Draft, name: string, entries: Account['entries'] | undefined): void {
  for (const file of accountFiles) {
    const text = entries === undefined ? null : entries[file];
    if (text !== undefined) draft.expected[file][name] = text;
  }
}

function removals(changes: readonly Removal[], texts: GroupTexts): AccountEdits {
  const draft = newDraft();
  for (const { before } of changes) {
    expect(draft, before.name, before.entries);
    for (const file of accountFiles) {
      if (typeof before.entries[file] === 'string') draft.remove[file].push(before.name);
    }
    leaveGroups(draft, before, texts);
  }
  return editsOf(draft);
}

function writings(changes: readonly Writing[], texts: GroupTexts): AccountEdits {
  const draft = newDraft();
  for (const change of changes) {
    const { after } = change;
    const before = change.action === 'update' ? change.before : undefined;
    expect(draft, after.name, before?.entries);
    for (const file of accountFiles) {
      const wanted = after.entries[file];
      const found = before === undefined ? null : before.entries[file];
      if (typeof wanted !== 'string' || found === undefined) continue;
      if (entryReasons(file, found, wanted).length > 0) draft.write[file][after.name] = wanted;
    }
    if (before !== undefined) leaveGroups(draft, before, texts);
  }
  return editsOf(draft);
}

function strayUids(account: Account): readonly number[] {
  return account.strayUid === undefined ? [] : [account.strayUid];
}

/**
 * The UIDs whose processes keep rights that an update takes: credentials are set when a process
 * starts, and no edit of a file changes them. Logins end where there shall be none any more.
 */
function staleUids(changes: readonly Writing[]): readonly number[] {
  return changes.flatMap((change) => {
    if (change.action === 'create') return [];
    const { before, after } = change;
    const entries = before.entries.passwd?.split('\n').map(parsePasswd) ?? [];
    const otherGroup = entries.some((entry) => entry.gid !== after.uid);
    const closed = entries.some(
      (entry) => entry.shell === chrootShell && !after.entries.passwd?.endsWith(`:${chrootShell}`),
    );
    const own = before.uid !== after.uid || otherGroup || closed || before.memberships.length > 0;
    return [...(own ? [before.uid] : []), ...strayUids(before)];
  });
}

function ending(uids: readonly number[]): readonly Step[] {
  if (uids.length === 0) return [];
  return [{ op: 'endProcesses', uids: [...new Set(uids)].sort((a, b) => a - b) }];
}

/**
 * Removals come first, so that nothing stands in the way of what is written. Processes end before
 * their account goes; those with rights that an update takes end after it, when no new one can
 * get these rights any more.
 */
export function accountSteps(changes: readonly Change<Account>[]): readonly Step[] {
  const removed = changes.filter((change) => change.action === 'delete');
  const written = changes.filter((change) => change.action !== 'delete');
  const texts: GroupTexts = { group: new Map(), gshadow: new Map() };
  const uids = removed.flatMap(({ before }) => [before.uid, ...strayUids(before)]);
  const steps: Step[] = [...ending(uids)];
  if (removed.length > 0) steps.push({ op: 'editAccounts', edits: removals(removed, texts) });
  if (written.length > 0) steps.push({ op: 'editAccounts', edits: writings(written, texts) });
  return [...steps, ...ending(staleUids(written))];
}
