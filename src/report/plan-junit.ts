import type { Change, Conflict } from '../model/change.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { type Case, junitDocument, type Suite } from './junit.ts';

/** The jail is a part of the class: GitLab takes cases of one class and name for one. */
function classOf({ jail }: { readonly jail?: string }): string {
  return jail ?? 'host';
}

function changeCase(change: Change<unknown>): Case {
  const { address, action, reasons, label = 'neutral' } = change;
  const message = `to ${action}: ${reasons.join('; ')}`;
  const below = { element: 'failure', message, type: label, lines: reasons } as const;
  return { classname: classOf(change), name: address, timeMs: 0, below };
}

function conflictCase(conflict: Conflict): Case {
  const { address, message, waysOut } = conflict;
  const below = { element: 'error', message, type: 'conflict', lines: waysOut } as const;
  return { classname: classOf(conflict), name: address, timeMs: 0, below };
}

function stageSuite({ title, changes }: Stage): Suite {
  return { name: title, cases: changes.map(changeCase) };
}

/** A report without a test looks as if nothing had been compared. */
const equal: Suite = {
  name: 'host',
  cases: [{ classname: 'host', name: 'is as the manifest says', timeMs: 0, below: undefined }],
};

/** A plan as JUnit XML: each difference is a failed test, and what is in the way is an error. */
export function planJunit({ stages, conflicts }: Plan): string {
  const suites = [
    ...(conflicts.length > 0 ? [{ name: 'conflicts', cases: conflicts.map(conflictCase) }] : []),
    ...stages.map(stageSuite),
  ];
  return junitDocument('jailctl plan', suites.length === 0 ? [equal] : suites);
}
