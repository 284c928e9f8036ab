import { resolve } from 'node:path';
import { readHostFacts } from '../../desired/host-facts.ts';
import type { ThrowawayHost } from '../../host/throwaway.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { plural } from '../../model/numbers.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';

const shownMax = 20;

type Options = CommonOptions & { readonly useColor: boolean };

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

/** Paths that change when the jails that this host has already are destroyed. */
async function changedByDestroy(context: Context): Promise<readonly string[]> {
  if (readHostFacts(context.reader).jails.size === 0) return [];
  await using host = await context.createThrowawayHost();
  const { exitCode: code } = await host.run([...context.self, 'destroy', '--yes']);
  if (code !== 0) throw new Failure(`destroy did not work (exit code ${code})`);
  return host.changedPaths().map((change) => change.path);
}

/** Jails that no destroy may touch: the manifest protects them, or the host does already. */
function protectedJails(context: Context, file: string): readonly string[] {
  const jails = [...readManifest(context, file).jails, ...readHostFacts(context.reader).recorded];
  return [...new Set(jails.filter((jail) => jail.protect).map((jail) => jail.name))];
}

/** Takes everything away again, and looks for what is left. */
async function rehearseDestroy(
  context: Context,
  host: ThrowawayHost,
  color: readonly string[],
  before: ReadonlySet<string>,
): Promise<void> {
  await step(context, host, ['destroy', '--yes', ...color], 'destroy did not work');
  const expected = new Set([...before, ...(await changedByDestroy(context))]);
  const left = host.changedPaths().filter((change) => !expected.has(change.path));
  if (left.length === 0) return;
  const lines = left.slice(0, shownMax).map(({ path, change }) => `  ${change} ${path}\n`);
  const more = left.length > shownMax ? `  … and ${left.length - shownMax} more\n` : '';
  context.output.result(`\nleft on the host after destroy:\n${lines.join('')}${more}`);
  throw new Failure(`destroy left ${plural(left.length, 'path')}`, {
    hint: 'nothing was changed on this host',
  });
}

/**
 * Carries a manifest out on a copy-on-write copy of this host, and takes it away again: apply,
 * plan (must be empty), destroy (must leave nothing). This host itself is not changed.
 */
export async function rehearseCommand(context: Context, options: Options): Promise<ExitCode> {
  requireRoot(context, 'rehearse');
  const guarded = protectedJails(context, options.file);
  await using host = await context.createThrowawayHost();
  for (const warning of host.warnings) context.output.notice(`warning: ${warning}\n`);
  const file = ['-f', resolve(context.workingDirectory, options.file)];
  const color = options.useColor ? ['--color', 'always'] : [];
  const before = new Set(host.changedPaths().map((change) => change.path));
  await step(context, host, ['apply', '--yes', ...file, ...color], 'apply did not work');
  const plan = ['plan', '--detailed-exitcode', ...file, ...color];
  await step(context, host, plan, 'after apply, a new plan is not empty');
  if (guarded.length > 0) {
    const names = guarded.join(', ');
    context.output.result(
      `\nRehearsed: apply and an empty plan. No destroy: protected: ${names}.\n`,
    );
    return exitCode.done;
  }
  await rehearseDestroy(context, host, color, before);
  context.output.result('\nRehearsed: apply, an empty plan, and destroy, which left nothing.\n');
  return exitCode.done;
}
