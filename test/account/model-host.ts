import { desiredAccounts } from '../../src/desired/accounts.ts';
import type { Account } from '../../src/kinds/account/account.ts';
import { accountKind } from '../../src/kinds/account/kind.ts';
import { editAccountText, linesByName } from '../../src/model/account-text.ts';
import type { Change, Conflict } from '../../src/model/change.ts';
import type { JailSettings } from '../../src/model/settings.ts';
import type { AccountEdits, Step } from '../../src/model/step.ts';
import { jailSettings } from '../rig/settings.ts';
import { textReader } from './text-reader.ts';

export type File = keyof AccountEdits['expected'];
/** The text of each account file; one that is not there is not used. */
export type Files = Readonly<Partial<Record<File, string>>>;

/** Jails as tests write them: users with their UIDs, by jail. */
export type Jails = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function settingsOf(jails: Jails): readonly JailSettings[] {
  return Object.entries(jails).map(([name, users]) =>
    jailSettings(
      name,
      Object.entries(users).map(([user, uid]) => ({ name: user, uid })),
      { mode: 'none', refusal: 'reject' },
    ),
  );
}

export interface Planned {
  readonly changes: readonly Change<Account>[];
  readonly conflicts: readonly Conflict[];
  readonly steps: readonly Step[];
}

/** @param owned what the markers on the host record */
export function plan(files: Files, owned: Jails, wanted: Jails): Planned {
  const kind = accountKind({ owned: settingsOf(owned) });
  const desired = desiredAccounts(settingsOf(wanted));
  const byPath = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [`/etc/${file}`, text]),
  );
  const observed = kind.observe(textReader(byPath), desired);
  const changes = kind.diff(desired, observed.resources);
  return { changes, conflicts: observed.conflicts, steps: kind.steps(changes) };
}

/**
 * Carries out steps on texts, and insists as the executor does that every entry is as planned.
 */
export function applySteps(files: Files, steps: readonly Step[]): Files {
  let now = files;
  for (const step of steps) if (step.op === 'editAccounts') now = applyEdits(now, step.edits);
  return now;
}

function applyEdits(files: Files, edits: AccountEdits): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => {
      const file = name as File;
      const lines = linesByName(text);
      for (const [entry, expected] of Object.entries(edits.expected[file])) {
        const found = lines.get(entry)?.join('\n') ?? null;
        if (found !== expected) throw new Error(`${file}: ${entry} is ${found}, not ${expected}`);
      }
      return [file, editAccountText(text, edits[file], edits.remove[file])];
    }),
  );
}
