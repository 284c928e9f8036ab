import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { isEmpty } from '../../planner/plan.ts';
import { jsonText } from '../../report/json-text.ts';
import { planDocument } from '../../report/plan-json.ts';
import { formatPlan } from '../../report/plan-text.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { prepareApply } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';

export const nothingToDo = 'Nothing to do: this host is as the manifest says.';

/** Shows what `apply` would do, and changes nothing. */
export function planCommand(
  context: Context,
  options: CommonOptions & { readonly detailedExitcode?: boolean; readonly useColor: boolean },
): ExitCode {
  requireRoot(context, 'plan');
  const { plan } = prepareApply(context, options);
  context.output.result(
    options.json === true
      ? jsonText(planDocument(plan), 2)
      : formatPlan(plan, { color: options.useColor, nothing: nothingToDo }),
  );
  return options.detailedExitcode === true && !isEmpty(plan) ? exitCode.changes : exitCode.done;
}
