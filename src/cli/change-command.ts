import { applyPlan } from '../apply/apply.ts';
import type { ApplyEvent } from '../model/event.ts';
import { type ExitCode, exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { isEmpty } from '../planner/plan.ts';
import { eventDocument } from '../report/event-json.ts';
import { jsonText } from '../report/json-text.ts';
import { formatPlan } from '../report/plan-text.ts';
import { ConflictError } from './conflict-error.ts';
import type { Context } from './context.ts';
import type { CommonOptions } from './options.ts';
import type { Prepared } from './prepare.ts';
import { listrView, silentView } from './progress.ts';
import { interruptSignal } from './signals.ts';

/** What tells `apply` and `destroy` apart. */
export interface ChangeCommand {
  readonly name: 'apply' | 'destroy';
  readonly question: string;
  readonly nothing: string;
  readonly done: string;
  prepare(): Prepared;
}

function writeEvent(context: Context, event: ApplyEvent): void {
  context.output.result(jsonText(eventDocument(event)));
}

/** Only `yes` means yes. */
async function approve(context: Context, command: ChangeCommand, options: CommonOptions) {
  if (options.yes === true) return;
  if (!context.canAsk || options.json === true) {
    throw new Failure('nobody can be asked here, so nothing was changed', {
      exitCode: exitCode.refused,
      hint: `to do it without asking: jailctl ${command.name} --yes`,
    });
  }
  const answer = await context.ask(`${command.question} Only "yes" is a yes: `);
  if (answer.trim() === 'yes') return;
  throw new Failure('not approved, so nothing was changed', { exitCode: exitCode.refused });
}

/** Shows the plan, asks, carries it out, and checks that nothing is left to do. */
export async function runChange(
  context: Context,
  command: ChangeCommand,
  options: CommonOptions & { readonly useColor: boolean },
): Promise<ExitCode> {
  context.requireTools();
  using _lock = context.takeLock(command.name);
  const prepared = command.prepare();
  const { plan, desired } = prepared;
  const json = options.json === true;
  if (!json) {
    const { nothing } = command;
    context.output.result(formatPlan(plan, { color: options.useColor, nothing }));
  }
  if (plan.conflicts.length > 0) throw new ConflictError(plan.conflicts);
  if (!isEmpty(plan)) await approve(context, command, options);
  else if (!json) return exitCode.done;
  const view = json ? silentView : listrView(context);
  using interrupt = interruptSignal(context, 'ending after the running step');
  const emit = (event: ApplyEvent) => {
    if (json) writeEvent(context, event);
    view.handle(event);
  };
  await applyPlan(plan, {
    effects: { execute: context.execute, emit, signal: interrupt.signal },
    sequence: view.sequence,
    replan: prepared.replan,
    settled: desired.settings.filter((jail) => desired.closures.has(jail.name)),
    now: context.now,
  });
  if (!json) context.output.result(`${command.done}\n`);
  return exitCode.done;
}
