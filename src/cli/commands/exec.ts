import type { HostRuns } from '../../host/run/host-runs.ts';
import { observeFirewall } from '../../kinds/firewall/observe.ts';
import { families } from '../../kinds/firewall/table.ts';
import { readRegister } from '../../kinds/jail/observe.ts';
import type { Checked } from '../../model/diagnostic.ts';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { JailSettings, JailUser } from '../../model/settings.ts';
import { metaText } from '../../report/meta.ts';
import { runDocument } from '../../report/run-json.ts';
import { bundleConfig } from '../../run/bundle.ts';
import { parseVariable, runEnvironment } from '../../run/environment.ts';
import { exitCodeOf, judge } from '../../run/judge.ts';
import { type Enforcement, enforcementOf, missingEnforcement } from '../../run/layers.ts';
import { mergeLimits, parseLimitOverride } from '../../run/limits.ts';
import type { EngineName, RunLimits, RunSpec } from '../../run/run-spec.ts';
import type { Context } from '../context.ts';
import { requireRoot } from '../prepare.ts';
import { interruptSignal } from '../signals.ts';

export interface ExecOptions {
  readonly engine?: EngineName;
  readonly limit?: readonly string[];
  readonly allowRaise?: boolean;
  readonly env?: readonly string[];
  readonly wait?: boolean;
  readonly freshHome?: boolean;
  readonly meta?: string;
  readonly json?: boolean;
}

/** Of the private /tmp and /dev/shm, unless the caller says less. */
const tmpSizeBytes = 64 * 2 ** 20;

/** @throws Failure with exit code 3 for what the caller wrote wrong, all of it at once */
function checked<T>(results: readonly Checked<T>[]): readonly T[] {
  const wrong = results.flatMap((result) => (result.ok ? [] : result.diagnostics));
  const [first] = wrong;
  if (first === undefined) return results.flatMap((result) => (result.ok ? [result.value] : []));
  throw new Failure(wrong.map(({ message }) => message).join('; '), {
    exitCode: exitCode.usage,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** The jail as it was applied, and the users that may run the program: `JAIL` or `JAIL/USER`. */
function findJail(context: Context, target: string): { jail: JailSettings; users: JailUser[] } {
  const [name = '', userName] = target.split('/');
  const register = readRegister(context.reader);
  const jail = register.get(name)?.settings;
  const usage = (message: string, names: readonly string[]) =>
    new Failure(message, {
      exitCode: exitCode.usage,
      hint: names.length === 0 ? 'jailctl apply makes it' : `there are: ${names.join(', ')}`,
    });
  if (jail === undefined) throw usage(`this host has no jail ${name}`, [...register.keys()]);
  const all = jail.users.map((user) => user.name);
  const users = jail.users.filter((user) => userName === undefined || user.name === userName);
  if (users.length > 0) return { jail, users };
  throw usage(
    userName === undefined ? `jail ${name} has no users` : `jail ${name} has no user ${userName}`,
    all,
  );
}

/** In the host's network only the packet rules fence a run, so they must be there. */
function requireFence(context: Context, { jail, engine }: RunSpec): void {
  if (jail.network.mode === 'none' && engine !== 'chroot') return;
  const { resources } = observeFirewall(context.reader, new Map());
  const fenced = [...resources.values()].filter(
    ({ output, chain }) => output.length > 0 && chain.length > 0,
  );
  if (fenced.length === families.length) return;
  throw new Failure('the packet rules that fence the jail are not loaded', {
    exitCode: exitCode.sandbox,
    hint: 'load them: jailctl apply',
  });
}

function requireEnforcement(spec: RunSpec, enforcement: Enforcement): void {
  const missing = missingEnforcement(spec, enforcement, new Set());
  const [first] = missing;
  if (first === undefined) return;
  throw new Failure(`the program was not run: ${missing.map((one) => one.message).join('; ')}`, {
    exitCode: exitCode.sandbox,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

interface Wish {
  readonly argv: readonly [string, ...string[]];
  readonly jail: JailSettings;
  readonly limits: RunLimits;
  readonly variables: readonly (readonly [string, string])[];
  readonly fresh: boolean;
}

function specOf(wish: Wish, user: JailUser, engine: EngineName): RunSpec {
  const { argv, jail, limits, variables, fresh } = wish;
  return {
    id: `jailctl-${user.name}`,
    jail,
    user,
    engine,
    argv,
    env: runEnvironment(jail, user, variables),
    workingDirectory: `/home/${user.name}`,
    limits,
    home: fresh ? 'fresh' : 'keep',
    terminal: false,
  };
}

function configOf(spec: RunSpec, runs: HostRuns) {
  if (runs.initPath === undefined) return undefined;
  const architecture = process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64';
  return bundleConfig(spec, { architecture, initPath: runs.initPath });
}

/**
 * Runs one program in a jail, as it was applied.
 * @returns the program's own exit code; 128 and the signal's number; 125 when it could not be run
 */
export async function execCommand(
  context: Context,
  target: string,
  argv: readonly [string, ...string[]],
  options: ExecOptions,
): Promise<number> {
  requireRoot(context, 'exec');
  const { jail, users } = findJail(context, target);
  const overrides = checked((options.limit ?? []).map(parseLimitOverride));
  const variables = checked((options.env ?? []).map(parseVariable));
  const own = { ...jail.limits, tmpSizeBytes };
  const [limits = own] = checked([mergeLimits(own, overrides, options.allowRaise === true)]);
  const runs = context.openRuns(options.engine);
  using interrupt = interruptSignal(context);
  await using lease = await runs.lease(users, options.wait === true ? interrupt.signal : undefined);
  const wish = { argv, jail, limits, variables, fresh: options.freshHome === true };
  const spec = specOf(wish, lease.user, runs.engine);
  const enforcement = enforcementOf(spec, runs.enforcement);
  requireEnforcement(spec, enforcement);
  requireFence(context, spec);
  // With --json, stdout is the result's alone.
  const stdout = options.json === true ? process.stderr : process.stdout;
  const streams = { stdin: process.stdin, stdout, stderr: process.stderr };
  const measurement = await runs.run(spec, configOf(spec, runs), lease, streams, interrupt.signal);
  const result = judge(spec, measurement, enforcement.layers, enforcement.limits);
  if (options.meta !== undefined) context.replaceFile(options.meta, metaText(result));
  if (options.json === true) context.output.result(`${JSON.stringify(runDocument(result))}\n`);
  else if (!['ok', 'runtime_error'].includes(result.status)) {
    context.output.notice(`jailctl: ${result.message}\n`);
  }
  return exitCodeOf(result);
}
