import { resolve } from 'node:path';
import { type HostFacts, readHostFacts } from '../desired/host-facts.ts';
import { type DesiredState, desiredRemains, desiredState } from '../desired/state.ts';
import { loadManifest } from '../manifest/load.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Plan } from '../model/plan.ts';
import type { Scope } from '../model/scope.ts';
import { reconcile } from '../planner/reconcile.ts';
import type { Context } from './context.ts';
import { ManifestError } from './manifest-error.ts';
import { type CommonOptions, scopeOf } from './options.ts';

/** A plan, the state it leads to, and how to make it again. */
export interface Prepared {
  readonly plan: Plan;
  readonly desired: DesiredState;
  replan(): Plan;
}

/** @throws ManifestError with every mistake in it */
export function readManifest(context: Context, file: string): Manifest {
  const loaded = loadManifest(file, (path) => context.reader.readText(path));
  if (!loaded.ok) throw new ManifestError(loaded.diagnostics);
  return loaded.value;
}

function desire(context: Context, manifest: Manifest, facts: HostFacts, scope: Scope) {
  const desired = desiredState(context.reader, manifest, facts, scope);
  if (!desired.ok) throw new ManifestError(desired.diagnostics);
  return desired.value;
}

/**
 * Checks a manifest against this host: its tools, and the accounts in its pool of UIDs.
 * @throws ManifestError with every mistake
 */
export function checkAgainstHost(context: Context, manifest: Manifest): void {
  desire(context, manifest, readHostFacts(context.reader), undefined);
}

/**
 * @param facts what the host had when `scope` was settled
 * @param desire what the host should have, given what it has
 */
function prepare(
  context: Context,
  facts: HostFacts,
  scope: Scope,
  archive: CommonOptions['archive'],
  desire: (facts: HostFacts) => DesiredState,
): Prepared {
  const directory = archive && resolve(context.workingDirectory, archive);
  const planWith = (now: HostFacts, desired: DesiredState) =>
    reconcile(context.reader, desired, now, scope, directory);
  const desired = desire(facts);
  const replan = () => {
    const now = readHostFacts(context.reader);
    return planWith(now, desire(now));
  };
  return { plan: planWith(facts, desired), desired, replan };
}

/** Plans what makes the host as the manifest says. */
export function prepareApply(
  context: Context,
  { file, jail, archive }: Pick<CommonOptions, 'file' | 'jail' | 'archive'>,
): Prepared {
  const manifest = readManifest(context, file);
  const facts = readHostFacts(context.reader);
  const known = [...manifest.jails.map((jail) => jail.name), ...facts.jails.keys()];
  const scope = scopeOf(jail, known, 'in the manifest or on this host');
  return prepare(context, facts, scope, archive, (now) => desire(context, manifest, now, scope));
}

/** Plans what removes the jails in scope. It needs no manifest: the host knows its jails. */
export function prepareDestroy(
  context: Context,
  { jail, archive }: Pick<CommonOptions, 'jail' | 'archive'>,
): Prepared {
  const facts = readHostFacts(context.reader);
  const owned = [...facts.jails.keys(), ...facts.accounts.map((account) => account.jail)];
  const scope = scopeOf(jail, owned, 'on this host');
  return prepare(context, facts, scope, archive, (now) => desiredRemains(now, scope));
}
