import { readHostFacts } from '../desired/host-facts.ts';
import type { DesiredState } from '../desired/state.ts';
import { type Adoption, adoptionOf } from '../import/adoption.ts';
import { oldRules, readOutputRules } from '../import/old-rules.ts';
import {
  observeOldBoot,
  oldBootChanges,
  oldBootSteps,
  type RuledUser,
} from '../kinds/firewall/old-boot.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Reader } from '../model/reader.ts';
import { inScope, type Scope } from '../model/scope.ts';
import { type Reconciled, reconcile } from '../planner/reconcile.ts';
import { stageTitle } from '../planner/title.ts';
import type { Context } from './context.ts';
import { type CommonOptions, scopeOf } from './options.ts';
import { desire, type Prepared, readManifest } from './prepare.ts';

/** The desired state, with what it takes over: directories, and the place of old rules. */
function taking(
  reader: Reader,
  desired: DesiredState,
  { jails }: Adoption,
  users: readonly RuledUser[],
): DesiredState {
  const old = oldRules(readOutputRules(reader), new Set(users.map(({ uid }) => uid)));
  const firewall = [...desired.firewall].map(([address, table]) => {
    const replaces = old.filter(({ family }) => family === table.family).map(({ rule }) => rule);
    return [address, { ...table, replaces }] as const;
  });
  const jail = [...desired.jail].map(
    ([address, one]) =>
      [address, jails.has(one.name) ? { ...one, adopts: true as const } : one] as const,
  );
  return { ...desired, firewall: new Map(firewall), jail: new Map(jail) };
}

/** Last, when everything else is as it should be: the lines that the old scripts left for a boot. */
function withOldBoot(reader: Reader, plan: Reconciled, users: readonly RuledUser[]): Reconciled {
  const { files, warnings } = observeOldBoot(reader, users);
  const changes = oldBootChanges(files);
  const title = stageTitle('firewall', changes);
  const stage = { kind: 'firewall', title, changes, steps: oldBootSteps(files) } as const;
  return {
    ...plan,
    stages: files.length === 0 ? plan.stages : [...plan.stages, stage],
    warnings: [...plan.warnings, ...warnings],
  };
}

/** Jails of the manifest that stand on this host, whoever made them. */
function standing(reader: Reader, manifest: Manifest, scope: Scope): ReadonlySet<string> {
  const jails = manifest.jails.filter(
    ({ name, path }) => inScope(scope, name) && reader.lstat(path) !== undefined,
  );
  return new Set(jails.map(({ name }) => name));
}

/**
 * Plans what makes jails that stand on this host jailctl's own, and as the manifest says. Jails of
 * the manifest that are not there yet are left to `apply`.
 */
export function prepareAdopt(
  context: Context,
  { file, jail }: Pick<CommonOptions, 'file' | 'jail'>,
): Prepared {
  const { reader } = context;
  const manifest = readManifest(context, file);
  const named = scopeOf(
    jail,
    manifest.jails.map(({ name }) => name),
    'in the manifest',
  );
  const scope = standing(reader, manifest, named);
  const make = () => {
    const wanted = manifest.jails.filter(({ name }) => scope.has(name));
    const adoption = adoptionOf(reader, wanted);
    const facts = readHostFacts(reader, adoption.users);
    const recorded = facts.recorded.flatMap(({ users }) => users);
    const users = [...adoption.users, ...recorded];
    const desired = taking(reader, desire(reader, manifest, facts, scope), adoption, users);
    const { conflicts } = adoption;
    // What is in a jail that is refused may be anything: nobody walks through it for a plan.
    if (conflicts.length > 0) {
      const plan = { stages: [], conflicts, warnings: [], compared: [] };
      return { desired, scope, plan };
    }
    const plan = withOldBoot(reader, reconcile(reader, desired, facts, scope), users);
    return { desired, scope, plan };
  };
  return { ...make(), replan: () => make().plan };
}
