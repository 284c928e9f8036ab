import type { HostFacts } from '../desired/host-facts.ts';
import type { DesiredState } from '../desired/state.ts';
import { accountKind } from '../kinds/account/kind.ts';
import { bootKind } from '../kinds/boot/kind.ts';
import { firewallKind } from '../kinds/firewall/kind.ts';
import { jailKind } from '../kinds/jail/kind.ts';
import { observeJail } from '../kinds/jail/observe.ts';
import type { JailState } from '../kinds/jail/state.ts';
import { limitsKind } from '../kinds/limits/kind.ts';
import { loginKind } from '../kinds/login/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { Reader } from '../model/reader.ts';
import { inScope, type Scope } from '../model/scope.ts';
import { archiveConflicts } from './archive-place.ts';
import { compareTrees } from './compare-trees.ts';
import { type Compared, compare } from './comparison.ts';
import { labelStages } from './label.ts';
import { changesOf, makePlan } from './plan.ts';
import { protectionConflicts } from './protection.ts';

/** The jails of the register, and desired ones that it has lost though their directory stands. */
function knownJails(reader: Reader, desired: DesiredState, facts: HostFacts): readonly JailState[] {
  const lost = [...desired.jail.values()]
    .filter((jail) => !facts.jails.has(jail.name))
    .map((jail) => observeJail(reader, jail.name, jail.path, false));
  return [...facts.jails.values(), ...lost];
}

/** Where the homes of each jail are kept: as it was applied, or as it will be. */
function archivesOf(
  jails: readonly JailState[],
  desired: DesiredState,
  archive: string | false | undefined,
): ReadonlyMap<string, string> {
  const known = [...jails.flatMap(({ settings }) => settings ?? []), ...desired.settings];
  return new Map(
    known.flatMap((jail) => {
      const directory = archive ?? jail.archive;
      return directory === undefined || directory === false
        ? []
        : [[jail.name, directory] as const];
    }),
  );
}

/** A plan, and all that was compared for it, in the order of the kinds. */
export interface Reconciled extends Plan {
  readonly compared: readonly Compared[];
}

/**
 * Compares what the host should have with what it has.
 * @param facts read before the desired state was made from them
 * @param archive where homes are kept before they are deleted; absent: where their jail says;
 *   false: nowhere
 * @throws Failure when the host can't be read
 */
export function reconcile(
  reader: Reader,
  desired: DesiredState,
  facts: HostFacts,
  scope: Scope,
  archive?: string | false,
): Reconciled {
  const jails = knownJails(reader, desired, facts);
  const adopted = [...desired.jail.values()].filter((jail) => jail.adopts === true);
  const isAdopted = ({ name }: JailState) => adopted.some((jail) => jail.name === name);
  const places = jails
    .filter((jail) => (jail.claimed || isAdopted(jail)) && inScope(scope, jail.name))
    .map((jail) => ({ jail: jail.name, root: jail.path }));
  const accounts = accountKind({
    owned: [...jails, ...adopted].flatMap((jail) => jail.settings ?? []),
  });
  const compared = [
    compare('firewall', firewallKind, reader, desired.firewall, scope),
    compare('limits', limitsKind, reader, desired.limits, scope),
    compare('boot', bootKind, reader, desired.boot, scope),
    compare('jail', jailKind, reader, desired.jail, scope),
    compare('account', accounts, reader, desired.account, scope),
    compareTrees(reader, desired, places, archivesOf(jails, desired, archive), scope),
    compare('login', loginKind, reader, desired.login, scope),
  ];
  const plan = makePlan(compared);
  const protection = protectionConflicts(changesOf(plan), facts.recorded);
  const archives = archiveConflicts(reader, plan, jails);
  return {
    ...plan,
    stages: labelStages(plan.stages),
    compared,
    conflicts: [...plan.conflicts, ...protection, ...archives],
    warnings: [...desired.warnings, ...plan.warnings],
  };
}
