import type { ExitCode } from '../../model/exit-code.ts';
import { runChange } from '../change-command.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import { openSavedPlan, prepareSaved } from '../saved-plan.ts';
import { applyWords } from './apply.ts';

/**
 * Carries a saved plan out, if it is still what would be planned.
 * @param file the plan
 */
export async function applySaved(
  context: Context,
  file: string,
  options: CommonOptions & { readonly useColor: boolean },
): Promise<ExitCode> {
  requireRoot(context, 'apply');
  const saved = await openSavedPlan(context, file);
  const show = { color: options.useColor, quiet: options.json === true };
  return runChange(
    context,
    { ...applyWords, argument: file, prepare: () => prepareSaved(context, file, saved, show) },
    options,
  );
}
