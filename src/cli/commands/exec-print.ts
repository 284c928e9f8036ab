import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { runScript } from '../../report/run-script.ts';
import { openRunner } from '../../run/open-runner.ts';
import { standaloneConfig } from '../../run/standalone.ts';
import type { Context } from '../context.ts';
import { warnOfDrift } from '../drift.ts';
import { requireRoot } from '../require-root.ts';
import { type ExecOptions, parseTarget, requestOf } from './exec-request.ts';

/** What jailctl does around the bundle, and a script does not. */
const notInScript = [
  'in',
  'copyIn',
  'copyOut',
  'cleanHome',
  'tty',
  'wait',
  'meta',
  'json',
] as const;

/**
 * Prints a shell script that runs a program without jailctl, for callers that can't wait for Node to
 * start. Runs nothing.
 */
export async function printCommand(
  context: Context,
  text: string,
  argv: readonly [string, ...string[]],
  options: ExecOptions,
): Promise<ExitCode> {
  requireRoot(context, 'exec');
  const extra = notInScript.find((name) => options[name] !== undefined);
  if (extra !== undefined) {
    const flag = extra.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Failure(`--print can't put --${flag} into a script`, {
      exitCode: exitCode.usage,
      hint: 'leave it out, or run the program by jailctl exec',
    });
  }
  const target = parseTarget(text);
  const runner = await openRunner(context.reader, target.jail, options.engine, context.openRuns);
  const request = { ...requestOf(context, target, options), argv };
  await warnOfDrift(context, target.jail, options);
  const { spec, config } = runner.preview(request);
  if (config === undefined) {
    throw new Failure('the engine chroot has no bundle to print', {
      exitCode: exitCode.usage,
      hint: 'take an OCI runtime: apt-get install crun (or runc)',
    });
  }
  const standalone = standaloneConfig(spec, config, runner.host.enforcement.swapLimited);
  context.output.result(runScript(spec, standalone, runner.host.enginePath));
  return exitCode.done;
}
