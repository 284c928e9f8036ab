import type { Account } from '../kinds/account/account.ts';
import type { Change } from '../model/change.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { printable } from '../model/printable.ts';
import { planId } from '../report/plan-json.ts';
import type { Context } from './context.ts';

/** Writes down what becomes of the changes of a plan. */
export interface Journal {
  /** Runs a stage, and writes its changes down, whether it works or not. */
  keep(stage: Stage, run: (stage: Stage) => Promise<void>): Promise<void>;
}

function uidOf(change: Change<unknown>): Pick<JournalEntry, 'uid'> {
  if (!change.address.startsWith('account/')) return {};
  const { uid } = (change.action === 'delete' ? change.before : change.after) as Account;
  return { uid };
}

/** @param command `apply` or `destroy` */
export function journalOf(context: Context, command: string, plan: Plan): Journal {
  const id = planId(plan);
  const write = async (stage: Stage, outcome: Pick<JournalEntry, 'outcome' | 'error'>) => {
    const entries = stage.changes.map((change): JournalEntry => {
      const { address, action } = change;
      return { command, plan: id, change: address, action, ...uidOf(change), ...outcome };
    });
    try {
      await context.writeJournal(entries);
    } catch (error) {
      // A full disk must not keep anybody from removing a jail.
      const why = error instanceof Error ? error.message : String(error);
      context.output.notice(`jailctl: the journal can't be written: ${printable(why)}\n`);
    }
  };
  return {
    keep: async (stage, run) => {
      try {
        await run(stage);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        await write(stage, { outcome: 'failed', error: why });
        throw error;
      }
      await write(stage, { outcome: 'done' });
    },
  };
}
