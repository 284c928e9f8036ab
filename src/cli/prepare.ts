import { resolve } from 'node:path';
import { type HostFacts, readHostFacts } from '../desired/host-facts.ts';
import { type DesiredState, desiredRemains, desiredState } from '../desired/state.ts';
import { loadManifest } from '../manifest/load.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Plan } from '../model/plan.ts';
import type { Reader } from '../model/reader.ts';
import type { Scope } from '../model/scope.ts';
import { type Reconciled, reconcile } from '../planner/reconcile.ts';
import type { Context } from './context.ts';
import { ManifestError } from './manifest-error.ts';
import { type CommonOptions, scopeOf } from './options.ts';

/** A plan, the state it leads to, and how to make it again. */
export interface Prepared {
  readonly plan: Reconciled;
  readonly scope: Scope;
  readonly desired: DesiredState;
  replan(): Plan;
}

/**
 * @param onRead is told of each file that is read: the manifest, then the requirement files
 * @throws ManifestError with every mistake in it
 */
export function readManifest(
  context: Context,
  file: string,
  onRead?: (path: string, text: string) => void,
): Manifest {
  const loaded = loadManifest(file, (path) => {
    const text = context.reader.readText(path);
    if (text !== undefined) onRead?.(path, text);
    return text;
  });
  if (!loaded.ok) throw new ManifestError(loaded.diagnostics);
  return loaded.value;
}

export function desire(host: Reader, manifest: Manifest, facts: HostFacts, scope: Scope) {
  const desired = desiredState(host, manifest, facts, scope);
  if (!desired.ok) throw new ManifestError(desired.diagnostics);
  return desired.value;
}

/**
 * Checks a manifest against this host: its tools, and the accounts in its pool of UIDs.
 * @throws ManifestError with every mistake
 */
export function checkAgainstHost(context: Context, manifest: Manifest): void {
  desire(context.reader, manifest, readHostFacts(context.reader), undefined);
}

/** Which changes are planned, and what becomes of data. */
export type PlanScope = Pick<CommonOptions, 'jail' | 'archive'>;

/** What `apply` is about. */
export type ApplyOptions = PlanScope & Pick<CommonOptions, 'file'>;

/** Where a plan starts: what is read, and what the host had when the scope was settled. */
interface Start {
  readonly context: Context;
  readonly host: Reader;
  readonly facts: HostFacts;
  readonly scope: Scope;
  readonly archive: CommonOptions['archive'];
}

/** @param desire what the host should have, given what it has */
function prepare(
  { context, host, facts, scope, archive }: Start,
  desire: (facts: HostFacts) => DesiredState,
): Prepared {
  const directory = archive && resolve(context.workingDirectory, archive);
  const planWith = (now: HostFacts, desired: DesiredState) =>
    reconcile(host, desired, now, scope, directory);
  const desired = desire(facts);
  const replan = () => {
    const now = readHostFacts(host);
    return planWith(now, desire(now));
  };
  return { plan: planWith(facts, desired), scope, desired, replan };
}

/**
 * Plans what makes a host as a manifest says.
 * @param host this one, or one that was observed
 */
export function prepareManifest(
  context: Context,
  host: Reader,
  manifest: Manifest,
  { jail, archive }: PlanScope,
): Prepared {
  const facts = readHostFacts(host);
  const known = [...manifest.jails.map((jail) => jail.name), ...facts.jails.keys()];
  const scope = scopeOf(jail, known, 'in the manifest or on this host');
  return prepare({ context, host, facts, scope, archive }, (now) =>
    desire(host, manifest, now, scope),
  );
}

/** Plans what makes this host as the manifest says. */
export function prepareApply(context: Context, options: ApplyOptions): Prepared {
  const manifest = readManifest(context, options.file);
  return prepareManifest(context, context.reader, manifest, options);
}

/** Plans what removes the jails in scope. It needs no manifest: the host knows its jails. */
export function prepareDestroy(
  context: Context,
  { jail, archive }: PlanScope,
  host: Reader = context.reader,
): Prepared {
  const facts = readHostFacts(host);
  const owned = [...facts.jails.keys(), ...facts.accounts.map((account) => account.jail)];
  const scope = scopeOf(jail, owned, 'on this host');
  return prepare({ context, host, facts, scope, archive }, (now) => desiredRemains(now, scope));
}
