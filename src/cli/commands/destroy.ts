import type { ExitCode } from '../../model/exit-code.ts';
import { runChange } from '../change-command.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { prepareDestroy } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';
import { nothingToDestroy } from './plan.ts';

/** Removes jails, or all of them, with everything that belongs to them. */
export function destroyCommand(
  context: Context,
  options: CommonOptions & { readonly useColor: boolean },
): Promise<ExitCode> {
  requireRoot(context, 'destroy');
  return runChange(
    context,
    {
      name: 'destroy',
      question: 'Remove all this for good?',
      nothing: nothingToDestroy,
      done: options.jail === undefined ? 'Done: nothing of jailctl is left.' : 'Done: removed.',
      prepare: () => prepareDestroy(context, options),
    },
    options,
  );
}
