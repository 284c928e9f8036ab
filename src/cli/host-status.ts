import { type HostFacts, readHostFacts } from '../desired/host-facts.ts';
import { diskUsageWithin } from '../kinds/disk-usage.ts';
import type { JailState } from '../kinds/jail/state.ts';
import { Failure } from '../model/failure.ts';
import type { DriftCount, HostStatus, JailCondition, JailStatus } from '../model/host-status.ts';
import type { Manifest, ManifestJail } from '../model/manifest.ts';
import type { Plan } from '../model/plan.ts';
import { inScope } from '../model/scope.ts';
import { changesOf } from '../planner/plan.ts';
import { isFenced } from '../run/fence.ts';
import { readLease } from '../run/held-lease.ts';
import type { Context } from './context.ts';
import { defaultManifest } from './drift.ts';
import { ManifestError } from './manifest-error.ts';
import { scopeOf } from './options.ts';
import { prepareApply, readManifest } from './prepare.ts';

/** Homes may hold millions of files: nobody waits longer for their size. */
const measuredSecondsMax = 10;

export interface StatusOptions {
  readonly file?: string;
  readonly jail?: readonly string[];
}

/** A manifest, and what a plan by it would change; as much of it as there is. */
interface Comparison {
  readonly file?: string;
  readonly manifest?: Manifest;
  readonly plan?: Plan;
  readonly warnings: readonly string[];
}

/** What keeps a comparison from being made is told, and the rest of the status is shown. */
function orWarning<T>(what: string, look: () => T): { value?: T; warnings: readonly string[] } {
  try {
    return { value: look(), warnings: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const listed = error instanceof ManifestError ? error.diagnostics[0]?.message : undefined;
    return { warnings: [`${what}: ${listed ?? error.message}`] };
  }
}

/** @throws ManifestError for a manifest that was asked for and can't be read */
function compare(context: Context, { file, jail }: StatusOptions): Comparison {
  const path = file ?? defaultManifest;
  if (file === undefined && context.reader.lstat(path) === undefined) return { warnings: [] };
  const what = `not compared with ${path}`;
  const read = () => readManifest(context, path);
  const loaded = file === undefined ? orWarning(what, read) : { value: read(), warnings: [] };
  const { value: manifest } = loaded;
  if (manifest === undefined) return { warnings: loaded.warnings };
  const { value, warnings } = orWarning(what, () =>
    prepareApply(context, { file: path, ...(jail && { jail }) }),
  );
  if (value === undefined) return { manifest, warnings };
  return { file: path, manifest, plan: value.plan, warnings: value.plan.warnings };
}

function countDrift(plan: Plan, jail?: string): DriftCount {
  const mine = (one: { readonly jail?: string }) => jail === undefined || one.jail === jail;
  return {
    changes: changesOf(plan).filter(mine).length,
    conflicts: plan.conflicts.filter(mine).length,
  };
}

function conditionOf(context: Context, found: JailState | undefined): JailCondition {
  if (found === undefined) return 'unregistered';
  if (found.settings !== undefined) return 'applied';
  if (found.claimed) return 'damaged';
  return context.reader.lstat(found.path) === undefined ? 'gone' : 'unmarked';
}

function statusOf(
  context: Context,
  name: string,
  facts: HostFacts,
  wanted: ManifestJail | undefined,
): JailStatus {
  const found = facts.jails.get(name);
  const accounts = facts.accounts.filter(({ jail }) => jail === name);
  const isMissing = found === undefined && accounts.length === 0;
  const settings = found?.settings;
  const path = found?.path ?? wanted?.path;
  const users = (settings?.users ?? accounts).map(({ name: user, uid }) => {
    const lease = readLease(context.reader, user);
    const hasAccount = accounts.some((one) => one.name === user && one.uid === uid);
    return { name: user, uid, hasAccount, ...(lease && { lease }) };
  });
  return {
    name,
    condition: isMissing ? 'missing' : conditionOf(context, found),
    ...(path !== undefined && { path }),
    users,
    ...(settings && {
      network: settings.network.mode,
      engine: settings.engine ?? 'auto',
      protect: settings.protect,
    }),
  };
}

/**
 * The jails of this host, and what their manifest has otherwise.
 * @throws ManifestError for a manifest that was asked for; Failure for a jail that there is not
 */
export function readHostStatus(context: Context, options: StatusOptions): HostStatus {
  const { reader } = context;
  const facts = readHostFacts(reader);
  const comparison = compare(context, options);
  const { manifest, plan, file } = comparison;
  const wanted = new Map(manifest?.jails.map((jail) => [jail.name, jail]));
  const names = new Set([
    ...facts.jails.keys(),
    ...facts.accounts.map(({ jail }) => jail),
    ...wanted.keys(),
  ]);
  const scope = scopeOf(options.jail, names, 'on this host or in the manifest');
  const jails = [...names]
    .filter((name) => inScope(scope, name))
    .sort()
    .map((name) => statusOf(context, name, facts, wanted.get(name)));
  const measured = jails.flatMap(({ condition, path }) =>
    (condition === 'applied' || condition === 'damaged') && path !== undefined ? [path] : [],
  );
  const sizes = diskUsageWithin(reader, measured, measuredSecondsMax);
  const hasUsers = facts.accounts.length > 0;
  const fence = hasUsers ? orWarning('the packet rules', () => isFenced(reader)) : { warnings: [] };
  return {
    ...(file !== undefined && { manifest: file }),
    ...(plan && { drift: countDrift(plan) }),
    ...('value' in fence && { fenced: fence.value }),
    jails: jails.map((jail) => {
      const bytes = measured.includes(jail.path ?? '') ? sizes.get(jail.path ?? '') : undefined;
      return {
        ...jail,
        ...(bytes !== undefined && { bytes }),
        ...(plan && { drift: countDrift(plan, jail.name) }),
      };
    }),
    warnings: [...new Set([...comparison.warnings, ...fence.warnings])],
  };
}
