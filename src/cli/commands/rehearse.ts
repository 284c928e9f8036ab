import { join } from 'node:path';
import type { ThrowawayHost } from '../../host/throwaway.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { plural } from '../../report/numbers.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest, requireRoot } from '../prepare.ts';

const shownMax = 20;

/** Runs this very jailctl in the throwaway host, and shows what it says. */
async function step(
  context: Context,
  host: ThrowawayHost,
  args: readonly string[],
  meaning: string,
): Promise<void> {
  context.output.result(`\n$ jailctl ${args.join(' ')}\n`);
  const result = await host.run([...context.self, ...args], { cwd: context.workingDirectory });
  context.output.result(result.stdout);
  context.output.notice(result.stderr);
  if (result.exitCode === 0) return;
  throw new Failure(`the rehearsal failed: ${meaning} (exit code ${result.exitCode})`, {
    hint: 'nothing was changed on this host',
  });
}

/**
 * Carries a manifest out on a copy-on-write copy of this host, and takes it away again: apply,
 * plan (must be empty), destroy (must leave nothing). This host itself is not changed.
 */
export async function rehearseCommand(context: Context, options: CommonOptions): Promise<ExitCode> {
  requireRoot(context, 'rehearse');
  readManifest(context, options.file);
  await using host = await context.createThrowawayHost();
  for (const warning of host.warnings) context.output.notice(`warning: ${warning}\n`);
  const file = ['-f', join(context.workingDirectory, options.file)];
  const before = new Set(host.changedPaths().map((change) => change.path));
  await step(context, host, ['apply', '--yes', ...file], 'apply did not work');
  const planArgs = ['plan', '--detailed-exitcode', ...file];
  await step(context, host, planArgs, 'after apply, a new plan is not empty');
  await step(context, host, ['destroy', '--yes'], 'destroy did not work');
  const left = host.changedPaths().filter((change) => !before.has(change.path));
  if (left.length === 0) {
    context.output.result('\nRehearsed: apply, an empty plan, and destroy, which left nothing.\n');
    return exitCode.done;
  }
  const lines = left.slice(0, shownMax).map(({ path, change }) => `  ${change} ${path}\n`);
  context.output.result(`\nleft on the host after destroy:\n${lines.join('')}`);
  throw new Failure(`destroy left ${plural(left.length, 'path')}`);
}
