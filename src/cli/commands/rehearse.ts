import { resolve } from 'node:path';
import { readHostFacts } from '../../desired/host-facts.ts';
import type { ThrowawayHost } from '../../host/throwaway.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { isOfJournal } from '../../model/host-paths.ts';
import { plural } from '../../model/numbers.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';

const shownMax = 20;

/** The data is that of a copy, and an archive of it would only be held in memory. */
const withData = ['--yes', '--destroy-data', '--no-archive'];

type Options = CommonOptions & { readonly useColor: boolean };

/** Runs this very jailctl in the throwaway host, and shows what it says. */
async function show(context: Context, host: ThrowawayHost, args: readonly string[]) {
  context.output.result(`\n$ jailctl ${args.join(' ')}\n`);
  const result = await host.run([...context.self, ...args], { cwd: context.workingDirectory });
  context.output.result(result.stdout);
  context.output.notice(result.stderr);
  return result;
}

function fail(meaning: string, code: number | undefined): never {
  throw new Failure(`the rehearsal failed: ${meaning} (exit code ${code})`, {
    hint: 'nothing was changed on this host',
  });
}

async function step(
  context: Context,
  host: ThrowawayHost,
  args: readonly string[],
  meaning: string,
): Promise<void> {
  const { exitCode: code } = await show(context, host, args);
  if (code !== 0) fail(meaning, code);
}

/**
 * Attacks the jails that were made.
 * @param unable why nothing can run in the throwaway host; undefined when it can
 * @returns why they were not attacked; undefined when they were, and held
 */
async function rehearseVerify(
  context: Context,
  host: ThrowawayHost,
  { file, useColor }: Options,
  unable: string | undefined,
): Promise<string | undefined> {
  const jails = readManifest(context, file).jails.filter(({ users }) => users > 0);
  if (unable !== undefined) return unable;
  if (jails.length === 0) return 'no jail has a user';
  const names = jails.flatMap(({ name }) => ['--jail', name]);
  const color = useColor ? ['--color', 'always'] : [];
  const { exitCode: code } = await show(context, host, ['verify', ...names, ...color]);
  // A host without an OCI runtime can have jails all the same.
  if (code === exitCode.missing) return 'this host lacks what verify needs, as said above';
  if (code !== exitCode.done) fail('verify is not satisfied with the jails', code);
  return undefined;
}

/** Nothing below /run is copied, and sshd does not say what it would do without this directory. */
const sshdDirectory = '/run/sshd';

async function prepareSshd(context: Context, host: ThrowawayHost): Promise<void> {
  if (context.reader.lstat(sshdDirectory) === undefined) return;
  await host.run(['mkdir', '--mode=0755', '--', sshdDirectory]);
}

/** A host on which programs can be run, or else one on which they can't, and why. */
async function createHost(context: Context) {
  try {
    return { host: await context.createThrowawayHost({ cgroups: true }), unable: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== exitCode.missing) throw error;
    return { host: await context.createThrowawayHost(), unable: error.message };
  }
}

/** Paths that change when the jails that this host has already are destroyed. */
async function changedByDestroy(context: Context): Promise<readonly string[]> {
  if (readHostFacts(context.reader).jails.size === 0) return [];
  await using host = await context.createThrowawayHost();
  const { exitCode: code } = await host.run([...context.self, 'destroy', ...withData]);
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
  await step(context, host, ['destroy', ...withData, ...color], 'destroy did not work');
  const expected = new Set([...before, ...(await changedByDestroy(context))]);
  const left = host.changedPaths().filter(({ path }) => !expected.has(path) && !isOfJournal(path));
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
 * plan (must be empty), verify (the jails must hold), destroy (must leave nothing). This host itself
 * is not changed.
 */
export async function rehearseCommand(context: Context, options: Options): Promise<ExitCode> {
  requireRoot(context, 'rehearse');
  const guarded = protectedJails(context, options.file);
  const created = await createHost(context);
  await using host = created.host;
  await prepareSshd(context, host);
  for (const warning of host.warnings) context.output.notice(`warning: ${warning}\n`);
  const file = ['-f', resolve(context.workingDirectory, options.file)];
  const color = options.useColor ? ['--color', 'always'] : [];
  const before = new Set(host.changedPaths().map((change) => change.path));
  await step(context, host, ['apply', ...withData, ...file, ...color], 'apply did not work');
  const plan = ['plan', '--detailed-exitcode', ...file, ...color];
  await step(context, host, plan, 'after apply, a new plan is not empty');
  const unverified = await rehearseVerify(context, host, options, created.unable);
  const verified = unverified === undefined ? 'jails that hold' : 'jails that were NOT VERIFIED';
  const rehearsed = `\nRehearsed: apply, an empty plan, ${verified}`;
  const reason = unverified === undefined ? '' : `Not verified: ${unverified}.\n`;
  if (guarded.length > 0) {
    const names = guarded.join(', ');
    context.output.result(`${rehearsed}. No destroy: protected: ${names}.\n${reason}`);
    return exitCode.done;
  }
  await rehearseDestroy(context, host, color, before);
  context.output.result(`${rehearsed}, and destroy, which left nothing.\n${reason}`);
  return exitCode.done;
}
