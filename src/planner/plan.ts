import { loginRulesAddress } from '../kinds/login/state.ts';
import type { KindName } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { type Comparison, is } from './comparison.ts';
import { doomedHome } from './doomed-home.ts';
import { stageTitle } from './title.ts';

type Pick = (change: Change<unknown>) => boolean;

function stage(comparison: Comparison, wanted: Pick, jail?: string): readonly Stage[] {
  const changes = comparison.changes.filter(wanted);
  if (changes.length === 0) return [];
  const title = stageTitle(comparison.kind, changes, jail);
  return [{ kind: comparison.kind, title, changes, steps: comparison.stepsFor(wanted) }];
}

function jailsOf(comparison: Comparison): readonly string[] {
  const jails = comparison.changes.flatMap((change) => change.jail ?? []);
  return [...new Set(jails)].sort();
}

/**
 * Puts what every kind has to change in order. The fence stands before the first account exists
 * and goes after the last one: no jail user is ever without it. Accounts that go do so first: as
 * long as they are there, the fence still covers them, and the marker tells whose a half-removed
 * one is. What sshd has to know of jail users stands like a fence around their accounts, too; keys
 * come when all the rest is ready, and go first. Homes that go do so before anything is written to
 * the jail: their users may have filled its disk.
 */
export function makePlan(comparisons: readonly Comparison[]): Plan {
  const of = (kind: KindName): Comparison => {
    const found = comparisons.find((comparison) => comparison.kind === kind);
    if (found === undefined) throw new Error(`nothing was compared for ${kind}`);
    return found;
  };
  const grow = is('create', 'update');
  const shrink = is('delete');
  const trees = of('tree');
  const ofTree = (jail: string, wanted: Pick): readonly Stage[] =>
    stage(trees, (change) => change.jail === jail && wanted(change), jail);
  const isRules: Pick = (change) => change.address === loginRulesAddress;
  const isKeys: Pick = (change) => !isRules(change);
  const stages = [
    ...stage(of('login'), (change) => isKeys(change) && shrink(change)),
    ...stage(of('account'), shrink),
    ...stage(of('firewall'), grow),
    ...stage(of('limits'), grow),
    ...stage(of('boot'), grow),
    ...jailsOf(trees).flatMap((jail) => ofTree(jail, (change) => doomedHome(change) !== undefined)),
    ...stage(of('jail'), grow),
    ...stage(of('login'), (change) => isRules(change) && grow(change)),
    ...stage(of('account'), grow),
    ...jailsOf(trees).flatMap((jail) => ofTree(jail, (change) => doomedHome(change) === undefined)),
    ...stage(of('login'), (change) => isKeys(change) && grow(change)),
    ...stage(of('jail'), shrink),
    ...stage(of('login'), (change) => isRules(change) && shrink(change)),
    ...stage(of('boot'), shrink),
    ...stage(of('limits'), shrink),
    ...stage(of('firewall'), shrink),
  ];
  return {
    stages,
    conflicts: comparisons.flatMap((comparison) => comparison.conflicts),
    warnings: comparisons.flatMap((comparison) => comparison.warnings),
  };
}

export function changesOf(plan: Plan): readonly Change<unknown>[] {
  return plan.stages.flatMap((one) => one.changes);
}

export function isEmpty(plan: Plan): boolean {
  return plan.stages.length === 0 && plan.conflicts.length === 0;
}
