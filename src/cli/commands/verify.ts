import { resolve } from 'node:path';
import { readRegister } from '../../kinds/jail/observe.ts';
import { builtinLimits } from '../../manifest/limits.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { JailSettings } from '../../model/settings.ts';
import { findJail } from '../../run/find-jail.ts';
import { JailRunner } from '../../run/jail-runner.ts';
import { openRunner } from '../../run/open-runner.ts';
import { foreignJail } from '../../verify/foreign-jail.ts';
import { allProbes } from '../../verify/probes.ts';
import { selectProbes } from '../../verify/select.ts';
import { type OpenJail, verifyJail } from '../../verify/verify-jail.ts';
import { isProven, type VerifyReport } from '../../verify/verify-report.ts';
import type { Context } from '../context.ts';
import { scopeOf } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import { interruptSignal } from '../signals.ts';
import type { VerifyOptions } from '../verify-options.ts';
import { verifyOutput } from '../verify-output.ts';

/** What can be opened for runs, with the probe program where runs find it. */
interface Opened extends Disposable {
  readonly jail: OpenJail;
}

type Host = Awaited<ReturnType<Context['openVerify']>>;

/** Where probes may make files, which they remove again. */
function writable({ path, users }: JailSettings): readonly string[] {
  const homes = users.map(({ name }) => `/home/${name}`);
  return [...homes, '/tmp', '/var/tmp', '/dev/shm', '/run'].map((name) => `${path}${name}`);
}

async function open(
  context: Context,
  host: Host,
  settings: JailSettings,
  openRunner: () => Promise<JailRunner>,
  isForeign: boolean,
): Promise<Opened> {
  const { engine, enforcement } = (await openRunner()).host;
  const times = isForeign ? await context.keepTimes(writable(settings)) : undefined;
  const placed =
    engine === 'chroot' ? await context.placeHelper(host.helperPath, settings.path) : undefined;
  return {
    jail: {
      subject: { jail: settings, engine, isForeign, enforcement },
      helper: placed?.path ?? host.helperPath,
      openRunner,
    },
    [Symbol.dispose]: () => {
      placed?.[Symbol.dispose]();
      times?.[Symbol.dispose]();
    },
  };
}

/** A jail of jailctl's. */
function openOwn(
  context: Context,
  host: Host,
  name: string,
  { engine }: VerifyOptions,
): Promise<Opened> {
  const runner = () => openRunner(context.reader, name, engine, context.openRuns);
  return open(context, host, findJail(context.reader, name), runner, false);
}

/** One of another maker: nothing of it is known but its directory and its user. */
function openForeign(
  context: Context,
  host: Host,
  settings: JailSettings,
  { engine }: VerifyOptions,
): Promise<Opened> {
  const runner = async () =>
    new JailRunner({
      host: await context.openRuns(engine ?? 'chroot'),
      isForeign: true,
      settings: () => settings,
      // Whether there is one is what the probes find out.
      requireFence: () => {},
    });
  const [user] = settings.users;
  context.output.notice(
    `jailctl: warning: verify ends the processes of ${user?.name}, and removes their IPC objects\n`,
  );
  return open(context, host, settings, runner, true);
}

/** The names of the jails to attack. One without users has nobody in it who could be hostile. */
function targetsOf(context: Context, options: VerifyOptions): readonly string[] {
  const register = readRegister(context.reader);
  const scope = scopeOf(options.jail, register.keys(), 'on this host');
  const names = [...register.keys()].filter((name) => scope?.has(name) ?? true);
  const isEmpty = (name: string) => register.get(name)?.settings?.users.length === 0;
  for (const name of names.filter(isEmpty)) {
    const why = 'it has no users, and nobody to attack it as';
    context.output.notice(`jailctl: warning: jail ${name} is not verified: ${why}\n`);
  }
  const inhabited = names.filter((name) => !isEmpty(name));
  // Before any is attacked: whose settings are damaged can't be.
  for (const name of inhabited) findJail(context.reader, name);
  if (inhabited.length > 0) return inhabited;
  throw new Failure('this host has no jail to attack', {
    exitCode: exitCode.usage,
    hint: 'jailctl apply makes those of the manifest; --path DIR --user NAME attacks any other',
  });
}

function requireForeign(
  context: Context,
  { path, user, engine }: VerifyOptions,
): JailSettings | undefined {
  if (path === undefined && user === undefined) return undefined;
  if (path !== undefined && user !== undefined) {
    return foreignJail(
      context.reader,
      resolve(context.workingDirectory, path),
      user,
      builtinLimits,
      engine,
    );
  }
  throw new Failure('--path and --user go together', {
    exitCode: exitCode.usage,
    hint: 'example: jailctl verify --path /srv/old --user alice',
  });
}

/** Another jail of the host that has a user. */
function neighbourName(context: Context, name: string): string | undefined {
  const jails = [...readRegister(context.reader).values()];
  return jails.find((one) => one.name !== name && (one.settings?.users.length ?? 0) > 0)?.name;
}

/**
 * Attacks jails, and says what held.
 * @returns 6 when a jail did not hold, or nothing was proven
 */
export async function verifyCommand(context: Context, options: VerifyOptions): Promise<ExitCode> {
  requireRoot(context, 'verify');
  const probes = selectProbes(allProbes, options.only ?? [], options.skip ?? []);
  const foreign = requireForeign(context, options);
  const names = foreign === undefined ? targetsOf(context, options) : [foreign.name];
  // Before a report is opened: from then on it is written to its end.
  using interrupt = interruptSignal(context, 'ending the running probes');
  const { signal } = interrupt;
  await using output = await verifyOutput(context, options, {
    jails: names,
    probes: probes.length,
  });
  await using host = await context.openVerify();
  const report: VerifyReport['jails'][number][] = [];
  for (const name of names) {
    if (signal.aborted) break;
    using target =
      foreign === undefined
        ? await openOwn(context, host, name, options)
        : await openForeign(context, host, foreign, options);
    const other = neighbourName(context, name);
    using neighbour =
      other === undefined ? undefined : await openOwn(context, host, other, options);
    report.push(
      await verifyJail(target.jail, {
        ...{ host, probes, signal, nowMs: context.now },
        ...(neighbour !== undefined && { neighbour: neighbour.jail }),
        takeTurn: () => context.takeTurn(signal),
        onVerdict: (verdict) => output.verdict(name, verdict),
      }),
    );
  }
  const result: VerifyReport = { jails: report, isInterrupted: signal.aborted };
  await output.end(result);
  return interrupt.exitCode ?? (isProven(result) ? exitCode.done : exitCode.verification);
}
