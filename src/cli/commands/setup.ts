import { readHostFacts } from '../../desired/host-facts.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { plural } from '../../model/numbers.ts';
import { jsonText } from '../../report/json-text.ts';
import { setupDocument } from '../../report/setup-json.ts';
import { formatInstall, formatRemoval } from '../../report/setup-text.ts';
import { findManager, noManager } from '../../setup/detect.ts';
import { type Need, type Needs, needsOf } from '../../setup/needs.ts';
import type { PackageManager, RecordedPackage } from '../../setup/package-manager.ts';
import { claim, isThere, newlyInstalled, readRecord } from '../../setup/record.ts';
import { splitRemovable } from '../../setup/removable.ts';
import { confirm } from '../approve.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';
import { runManager, saveRecord } from '../setup-steps.ts';
import { interruptSignal } from '../signals.ts';

export type SetupOptions = Pick<CommonOptions, 'file' | 'yes' | 'json'> & {
  readonly remove?: boolean;
  readonly useColor: boolean;
};

const ending = 'ending when the package manager has ended';

/** @throws Failure with exit code 7 for what the package manager does not have */
function namesOf(manager: PackageManager, needs: readonly Need[]): readonly string[] {
  const names = needs.flatMap(({ wanted, missing, why }) => {
    if ('name' in wanted) return wanted.name;
    const known = manager.packages[wanted.key];
    if (known !== undefined) return known.split(' ');
    throw new Failure(`${manager.name} has no package for ${wanted.key} (${why})`, {
      exitCode: exitCode.missing,
      hint: `install by hand what brings ${missing.join(', ')}, then run the command again`,
    });
  });
  return [...new Set(names)];
}

/** @throws Failure with exit code 7 while something is missing */
function requireAll({ needs, byHand }: Needs): void {
  const missing = needs.map((need) => need.missing.join(', ') || need.why);
  const all = [...missing, ...byHand.map(({ what }) => what)];
  if (all.length === 0) return;
  throw new Failure(`this host still lacks: ${all.join('; ')}`, {
    exitCode: exitCode.missing,
    hint: byHand.map(({ what, how }) => `install ${what}: ${how}`).join('; ') || 'see the output',
  });
}

/** One repository of many may be down, so this may fail: the lists that there are may do. */
async function refresh(context: Context, manager: PackageManager, json: boolean): Promise<void> {
  if (manager.refresh === undefined) return;
  try {
    await runManager(context, manager.refresh, json);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!json) context.output.notice(`warning: ${why}; going on with the lists that there are\n`);
  }
}

/**
 * Installs, and leaves a true record of what has come, however it ends. What another package manager
 * brings meanwhile is not taken for jailctl's, where this one tells before what will come.
 */
async function install(
  context: Context,
  manager: PackageManager,
  names: readonly string[],
  json: boolean,
): Promise<readonly string[]> {
  const { reader } = context;
  await refresh(context, manager, json);
  const before = manager.readState(reader);
  const recorded = readRecord(reader)?.packages ?? [];
  const { preview } = manager;
  const coming = preview && (preview(reader, names) ?? names);
  const save = (packages: readonly RecordedPackage[]) =>
    saveRecord(context, { manager: manager.name, packages });
  const come = () =>
    newlyInstalled(before, manager.readState(reader)).filter(
      (name) => coming === undefined || coming.includes(name),
    );
  await save(claim(recorded, coming ?? names, before));
  try {
    await runManager(context, manager.install(names), json);
  } catch (error) {
    // What an earlier run claimed stays: its package manager may be at work still.
    await save(claim(recorded, come(), before));
    throw error;
  }
  const after = manager.readState(reader);
  const installed = come();
  const kept = recorded.filter((one) => isThere(one, after));
  await save(claim(kept, installed, before));
  return installed;
}

async function setup(context: Context, options: SetupOptions): Promise<ExitCode> {
  const { reader, output } = context;
  const json = options.json === true;
  const manifest = readManifest(context, options.file);
  const manager = findManager(reader);
  const look = () => needsOf(reader, manifest, context.inspectRuns(), manager?.readState(reader));
  const found = look();
  const tell = (installed: readonly string[], text: string) =>
    output.result(json ? jsonText(setupDocument('install', manager, installed, []), 2) : text);
  if (found.needs.length === 0) {
    requireAll(found);
    tell([], 'Nothing to do: this host has what the manifest needs.\n');
    return exitCode.done;
  }
  const keys = found.needs.map(({ wanted }) => ('key' in wanted ? wanted.key : wanted.name));
  if (manager === undefined) throw noManager(keys);
  const names = namesOf(manager, found.needs);
  const coming = manager.preview?.(reader, names) ?? [];
  if (!json) output.result(formatInstall(manager, found, coming, options.useColor));
  const question = `Install ${plural(names.length, 'package')} with ${manager.name}?`;
  await confirm(context, { name: 'setup', question }, options);
  using interrupt = interruptSignal(context, ending);
  const installed = await install(context, manager, names, json);
  requireAll(look());
  tell(installed, `Done: installed ${installed.join(', ')}.\n`);
  return interrupt.exitCode ?? exitCode.done;
}

/** @throws Failure with exit code 4 while there are jails */
function refuseWithJails({ reader }: Context): void {
  const { jails, accounts } = readHostFacts(reader);
  const names = [...new Set([...jails.keys(), ...accounts.map(({ jail }) => jail)])];
  if (names.length === 0) return;
  throw new Failure(`this host has jails, which need the packages: ${names.sort().join(', ')}`, {
    exitCode: exitCode.refused,
    hint: 'first: jailctl destroy',
  });
}

async function takeAway(
  context: Context,
  manager: PackageManager,
  go: readonly RecordedPackage[],
  json: boolean,
): Promise<void> {
  const names = go.map(({ name }) => name);
  await runManager(context, manager.remove(names), json);
  const state = manager.readState(context.reader);
  const left = go.filter((one) => isThere(one, state)).map(({ name }) => name);
  if (left.length > 0 && manager.forget !== undefined) {
    await runManager(context, manager.forget(left), json);
  }
}

/** Takes away what setup installed, but for what others need by now. */
async function remove(context: Context, options: SetupOptions): Promise<ExitCode> {
  const { reader, output } = context;
  const json = options.json === true;
  const record = readRecord(reader);
  if (record === undefined) {
    if (json) output.result(jsonText(setupDocument('remove', undefined, [], []), 2));
    else output.result('Nothing to do: setup has installed nothing on this host.\n');
    return exitCode.done;
  }
  refuseWithJails(context);
  const manager = findManager(reader);
  if (manager?.name !== record.manager) throw noManager(record.packages.map(({ name }) => name));
  const there = record.packages.filter((one) => isThere(one, manager.readState(reader)));
  const { go, kept } = splitRemovable(reader, manager, there);
  if (!json) output.result(formatRemoval(go, kept, options.useColor));
  const save = () => {
    const state = manager.readState(reader);
    const packages = there.filter((one) => isThere(one, state));
    return saveRecord(context, { manager: manager.name, packages });
  };
  using interrupt = interruptSignal(context, ending);
  if (go.length > 0) {
    const question = `Remove ${plural(go.length, 'package')} with ${manager.name}?`;
    await confirm(context, { name: 'setup --remove', question }, options);
    try {
      await takeAway(context, manager, go, json);
    } finally {
      await save();
    }
  } else await save();
  const removed = go.map(({ name }) => name);
  if (json) output.result(jsonText(setupDocument('remove', manager, removed, kept), 2));
  else if (go.length > 0) output.result(`Done: removed ${removed.join(', ')}.\n`);
  return interrupt.exitCode ?? exitCode.done;
}

/** Installs the host packages that a manifest needs, or removes those that this has installed. */
export async function setupCommand(context: Context, options: SetupOptions): Promise<ExitCode> {
  requireRoot(context, 'setup');
  using _lock = context.takeLock('setup');
  return await (options.remove === true ? remove(context, options) : setup(context, options));
}
