import { applyPlan, seal } from '../apply/apply.ts';
import type { ApplyEvent } from '../model/event.ts';
import { type ExitCode, exitCode } from '../model/exit-code.ts';
import { isEmpty } from '../planner/plan.ts';
import { eventDocument } from '../report/event-json.ts';
import { jsonText } from '../report/json-text.ts';
import { formatPlan } from '../report/plan-text.ts';
import { approve } from './approve.ts';
import { ConflictError } from './conflict-error.ts';
import type { Context } from './context.ts';
import { journalOf } from './journal.ts';
import type { CommonOptions } from './options.ts';
import { Outcome } from './outcome.ts';
import type { Prepared } from './prepare.ts';
import { interruptSignal } from './signals.ts';

/** What tells `apply`, `destroy` and `import --adopt` apart. */
export interface ChangeCommand {
  readonly name: 'apply' | 'destroy' | 'import --adopt';
  /** What follows the name: a saved plan. */
  readonly argument?: string;
  readonly question: string;
  readonly nothing: string;
  readonly done: string;
  prepare(): Prepared;
}

function writeEvent(context: Context, event: ApplyEvent): void {
  context.output.result(jsonText(eventDocument(event)));
}

/** Shows the plan, asks, carries it out, and checks that nothing is left to do. */
export async function runChange(
  context: Context,
  command: ChangeCommand,
  options: CommonOptions & { readonly useColor: boolean },
): Promise<ExitCode> {
  context.requireTools();
  using _lock = context.takeLock(command.name);
  const comparedAtMs = context.now();
  const prepared = command.prepare();
  const { plan, desired } = prepared;
  const json = options.json === true;
  if (!json) {
    const { nothing } = command;
    context.output.result(formatPlan(plan, { color: options.useColor, nothing }));
  }
  if (plan.conflicts.length > 0) throw new ConflictError(plan.conflicts);
  const settled = desired.settings.filter((jail) => desired.closures.has(jail.name));
  if (!isEmpty(plan)) await approve(context, command, plan, options, prepared.replan);
  else if (!json) {
    // What another jail does to a file that both have makes plans read it, until the next seal.
    await seal(settled, context.execute, comparedAtMs);
    return exitCode.done;
  }
  const { listrView, silentView } = await import('./progress.ts');
  const view = json ? silentView(context) : listrView(context);
  using interrupt = interruptSignal(context, 'ending after the running step', view.tell);
  const emit = (event: ApplyEvent) => {
    if (json) writeEvent(context, event);
    view.handle(event);
  };
  const journal = journalOf(context, command.name, plan);
  const outcome = new Outcome(plan);
  const applying = applyPlan(plan, {
    effects: { execute: context.execute, emit, signal: interrupt.signal },
    sequence: (stages, run) =>
      view.sequence(stages, (stage) => outcome.follow(stage, (one) => journal.keep(one, run))),
    replan: prepared.replan,
    settled,
    now: context.now,
  });
  try {
    await applying;
  } catch (error) {
    // With --json, the events have told it.
    if (!json) context.output.notice(outcome.report());
    throw error;
  }
  if (!json) context.output.result(`${command.done}\n`);
  return exitCode.done;
}
