import type { ExitCode } from '../../model/exit-code.ts';
import { runChange } from '../change-command.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { prepareApply } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';
import { nothingToDo } from './plan.ts';

/** What `apply` says, whichever plan it carries out. */
export const applyWords = {
  name: 'apply',
  question: 'Make these changes?',
  nothing: nothingToDo,
  done: 'Done: this host is as the manifest says.',
} as const;

/** Makes the host as the manifest says. */
export function applyCommand(
  context: Context,
  options: CommonOptions & { readonly useColor: boolean },
): Promise<ExitCode> {
  requireRoot(context, 'apply');
  return runChange(
    context,
    { ...applyWords, prepare: () => prepareApply(context, options) },
    options,
  );
}
