import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { dataLosses } from '../../planner/data-loss.ts';
import { runChange } from '../change-command.ts';
import type { Context } from '../context.ts';
import type { Prepared } from '../prepare.ts';
import { prepareAdopt } from '../prepare-adopt.ts';
import { requireRoot } from '../require-root.ts';
import type { ImportOptions } from './import.ts';

/** Taking over is no occasion to lose data: what a manifest wants to be deleted, `apply` deletes. */
function withoutLosses(prepared: Prepared): Prepared {
  const [loss] = prepared.plan.conflicts.length > 0 ? [] : dataLosses(prepared.plan);
  if (loss === undefined) return prepared;
  throw new Failure(`this would delete ${loss.path}, and import deletes no home`, {
    exitCode: exitCode.refused,
    hint: `jailctl apply --jail ${loss.jail} shows it, and asks`,
  });
}

/**
 * Makes jails of the manifest that were made without jailctl its own, by a plan like that of apply.
 * @param names of jails of the manifest; all of them where there is none
 */
export function importAdopt(
  context: Context,
  names: readonly string[],
  options: ImportOptions,
): Promise<ExitCode> {
  requireRoot(context, 'import --adopt');
  const { file } = options;
  if (context.reader.lstat(file) === undefined) {
    throw new Failure(`there is no manifest ${file}`, {
      exitCode: exitCode.usage,
      hint: `jailctl import --out ${file} writes one from what this host has`,
    });
  }
  const scope = names.length === 0 ? { file } : { file, jail: names };
  return runChange(
    context,
    {
      name: 'import --adopt',
      question: 'Take these jails over?',
      nothing: 'Nothing to take over: what stands here of the manifest is as it says.',
      done: "Done: these jails are jailctl's, and as the manifest says.",
      prepare: () => withoutLosses(prepareAdopt(context, scope)),
    },
    options,
  );
}
