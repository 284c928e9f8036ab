import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import type { Label } from '../../model/label.ts';
import type { Plan } from '../../model/plan.ts';
import { isEmpty } from '../../planner/plan.ts';
import { jsonText } from '../../report/json-text.ts';
import { type PolicyResult, planDocument } from '../../report/plan-json.ts';
import { planJunit } from '../../report/plan-junit.ts';
import { planMarkdown } from '../../report/plan-markdown.ts';
import { formatPlan } from '../../report/plan-text.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { denialText, judge } from '../policy.ts';
import { prepareDestroy, prepareManifest, readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';
import { prepareSourced, savePlan } from '../saved-plan.ts';

export const nothingToDo = 'Nothing to do: this host is as the manifest says.';
export const nothingToDestroy = 'Nothing to do: this host has nothing of jailctl.';

export interface PlanOptions extends CommonOptions {
  readonly detailedExitcode?: boolean;
  /** What `destroy` would do, not `apply`. */
  readonly destroy?: boolean;
  /** Where the plan is saved. */
  readonly out?: string;
  /** An observation, to plan for the host that it is of. */
  readonly observed?: string;
  /** Labels of changes that must not be. */
  readonly policy?: readonly Label[];
  readonly markdown?: boolean;
  readonly junit?: string;
  readonly useColor: boolean;
}

/** A plan that is made, and what is to say about it to a person. */
interface Made {
  readonly plan: Plan;
  readonly policy: PolicyResult | undefined;
  readonly notice: string;
}

function resultText({ plan, policy }: Made, options: PlanOptions): string {
  const nothing = options.destroy === true ? nothingToDestroy : nothingToDo;
  if (options.json === true) return jsonText(planDocument(plan, policy), 2);
  if (options.markdown === true) return planMarkdown(plan, { nothing, policy });
  return formatPlan(plan, { color: options.useColor, nothing });
}

function policyOf(plan: Plan, { policy }: PlanOptions): PolicyResult | undefined {
  return policy && judge(plan, policy);
}

/** For another host than this one: it takes no privileges. */
async function makeObserved(
  context: Context,
  observed: string,
  options: PlanOptions,
): Promise<Made> {
  const { openObservation } = await import('../observation.ts');
  const { host, observedAt } = await openObservation(context, observed);
  const { plan } = prepareManifest(context, host, readManifest(context, options.file), options);
  const notice = `The host is as observed at ${observedAt}.\n`;
  return { plan, policy: policyOf(plan, options), notice };
}

function make(context: Context, options: PlanOptions): Made {
  requireRoot(context, 'plan');
  if (options.destroy === true) {
    const { plan } = prepareDestroy(context, options);
    return { plan, policy: policyOf(plan, options), notice: '' };
  }
  const { out } = options;
  const sourced = prepareSourced(context, options);
  const { plan } = sourced.prepared;
  const policy = policyOf(plan, options);
  if (out === undefined) return { plan, policy, notice: '' };
  const isDenied = policy !== undefined && policy.denied.length > 0;
  if (plan.conflicts.length > 0 || isDenied) {
    const why = isDenied ? 'the policy denies the plan' : 'something is in the way';
    return { plan, policy, notice: `${out} was not written: ${why}.\n` };
  }
  savePlan(context, out, sourced, options, nothingToDo);
  return { plan, policy, notice: `Saved: jailctl apply ${out} does this, and nothing else.\n` };
}

/**
 * Shows what `apply` would do, or `destroy`, and changes nothing.
 * @returns 4 when a policy denies it
 */
export async function planCommand(context: Context, options: PlanOptions): Promise<ExitCode> {
  const { observed, junit, json } = options;
  const writeJunit = junit === undefined ? undefined : context.openReport(junit);
  const made =
    observed === undefined
      ? make(context, options)
      : await makeObserved(context, observed, options);
  const { plan, policy, notice } = made;
  writeJunit?.(planJunit(plan));
  context.output.result(resultText(made, options));
  const isDenied = policy !== undefined && policy.denied.length > 0;
  if (json !== true) {
    context.output.notice(notice + (isDenied ? denialText(plan, policy) : ''));
  }
  if (isDenied) return exitCode.refused;
  return options.detailedExitcode === true && !isEmpty(plan) ? exitCode.changes : exitCode.done;
}
