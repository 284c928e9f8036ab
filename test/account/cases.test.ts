import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/model/step.ts';
import cases from './cases.json' with { type: 'json' };
import { applySteps, type File, type Files, type Jails, plan } from './model-host.ts';

interface Case {
  readonly title: string;
  /** What the markers record; by default web1 with UID 70000. */
  readonly owned?: Jails;
  /** What the manifest wants; by default the same. */
  readonly wanted?: Jails;
  /** What the files have of web1 where it is not right; null: nothing. */
  readonly entries?: Readonly<Partial<Record<File, string | null>>>;
  /** Other lines at the end of a file. */
  readonly more?: Readonly<Partial<Record<File, string>>>;
  readonly changes: readonly string[];
  readonly conflicts?: readonly string[];
  /** Absent where a conflict forbids them. */
  readonly steps?: readonly string[];
}

const web: Jails = { web: { web1: 70000 } };

const others: Readonly<Record<File, string>> = {
  passwd: 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n',
  group: 'root:x:0:\nalice:x:1000:\n',
  shadow: 'root:*:19000:0:99999:7:::\nalice:$6$a$b:19000:0:99999:7:::\n',
  gshadow: 'root:*::\nalice:!::\n',
};

const right: Readonly<Record<File, string>> = {
  passwd: 'web1:x:70000:70000:jailctl jail web:/web/home/web1:/usr/sbin/nologin',
  group: 'web1:x:70000:',
  shadow: 'web1:!*::::::1:',
  gshadow: 'web1:!::',
};

function filesOf({ entries = {}, more = {} }: Case): Files {
  const build = (file: File) => {
    const entry = entries[file] === undefined ? right[file] : entries[file];
    return `${others[file]}${entry === null ? '' : `${entry}\n`}${more[file] ?? ''}`;
  };
  return {
    passwd: build('passwd'),
    group: build('group'),
    shadow: build('shadow'),
    gshadow: build('gshadow'),
  };
}

/** Steps in short; a line of web1 that is written is checked to be the right one. */
function shown(step: Step): readonly string[] {
  if (step.op === 'endProcesses') return [`end ${step.uids.join(' ')}`];
  if (step.op !== 'editAccounts') throw new Error(`no step of accounts: ${step.op}`);
  const { edits } = step;
  const files = ['passwd', 'group', 'shadow', 'gshadow'] as const;
  const writes = files.flatMap((file) =>
    Object.entries(edits[file]).map(([name, line]) => {
      if (name !== 'web1') return `write ${file} ${name} = ${line}`;
      expect(line).toBe(right[file]);
      return `write ${file} ${name}`;
    }),
  );
  const removals = files.flatMap((file) =>
    edits.remove[file].map((name) => `remove ${file} ${name}`),
  );
  return [...writes, ...removals];
}

describe('states in, changes and steps out', () => {
  test.each(cases as readonly Case[])('$title', (given) => {
    const owned = given.owned ?? web;
    const wanted = given.wanted ?? web;
    const files = filesOf(given);
    const planned = plan(files, owned, wanted);
    const changes = planned.changes.map(
      (change) => `${change.action} ${change.address}: ${change.reasons.join('; ')}`,
    );
    expect(changes).toEqual(given.changes);
    expect(planned.conflicts.map((conflict) => conflict.message)).toEqual(given.conflicts ?? []);
    if (given.steps === undefined) {
      expect(planned.conflicts.every((conflict) => conflict.waysOut.length > 0)).toBe(true);
      return;
    }
    expect(planned.steps.flatMap(shown)).toEqual(given.steps);
    const after = applySteps(files, planned.steps);
    expect(plan(after, owned, wanted).changes).toEqual([]);
  });
});
