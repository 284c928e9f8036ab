import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { formatMutation, formatMutations } from '../../report/mutate-text.ts';
import { isAllCaught, type MutationResult, tryMutations } from '../../verify/mutate.ts';
import type { Mutation } from '../../verify/mutation.ts';
import { allMutations } from '../../verify/mutations.ts';
import { allProbes } from '../../verify/probes.ts';
import { selectProbes } from '../../verify/select.ts';
import type { Context } from '../context.ts';
import { requireRoot } from '../require-root.ts';
import { interruptSignal } from '../signals.ts';
import type { VerifyOptions } from '../verify-options.ts';

/** It makes jails of its own, and has a table of its own. */
const unfitting = ['jail', 'path', 'user', 'json', 'junit', 'markdown'] as const;

/** @throws Failure with exit code 3 */
function refuseUnfitting(options: VerifyOptions): void {
  const given = unfitting.find((name) => options[name] !== undefined && options[name] !== false);
  if (given !== undefined) {
    throw new Failure(`--mutate and --${given} do not go together`, {
      exitCode: exitCode.usage,
      hint: '--mutate attacks two jails of its own on throwaway hosts; --only and --skip go with it',
    });
  }
  if (options.engine !== 'chroot') return;
  throw new Failure('--mutate takes layers away that the engine chroot does not have', {
    exitCode: exitCode.usage,
    hint: 'leave --engine out, or take runc or crun',
  });
}

/** The mutations that one of the wanted probes must notice. */
function wantedMutations({ only = [], skip = [] }: VerifyOptions): readonly Mutation[] {
  const wanted = new Set(selectProbes(allProbes, only, skip).map(({ id }) => id));
  const mutations = allMutations.filter(({ caughtBy }) => caughtBy.some((id) => wanted.has(id)));
  if (mutations.length > 0) return mutations;
  throw new Failure('no mutation is to be noticed by these probes', {
    exitCode: exitCode.usage,
    hint: 'take others, or their whole group',
  });
}

/**
 * Tests verify itself: takes one layer after the other away on throwaway hosts, and looks whether
 * the probes that name it notice.
 * @returns 6 when one did not
 */
export async function mutateCommand(context: Context, options: VerifyOptions): Promise<ExitCode> {
  requireRoot(context, 'verify');
  refuseUnfitting(options);
  const mutations = wantedMutations(options);
  const engine = options.engine ?? 'runc';
  using interrupt = interruptSignal(context, 'ending after the running mutations');
  const { signal } = interrupt;
  const results: MutationResult[] = [];
  const { tryWeakening } = context;
  for await (const result of tryMutations(mutations, { engine, tryWeakening, signal })) {
    context.output.result(formatMutation(result, { color: options.useColor }));
    results.push(result);
  }
  context.output.result(formatMutations(results));
  return interrupt.exitCode ?? (isAllCaught(results) ? exitCode.done : exitCode.verification);
}
