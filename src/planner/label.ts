import type { Account } from '../kinds/account/account.ts';
import { entryReasons } from '../kinds/account/diff.ts';
import type { BootPart } from '../kinds/boot/state.ts';
import { leadsIntoChain, ruleKey, wordsOf } from '../kinds/firewall/rule.ts';
import type { FirewallTable, Rule } from '../kinds/firewall/table.ts';
import type { JailState } from '../kinds/jail/state.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Logins } from '../kinds/login/state.ts';
import type { TreeNode } from '../kinds/tree/node.ts';
import type { KindName } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { type Label, worst } from '../model/label.ts';
import type { Stage } from '../model/plan.ts';
import { labelOfSettings, settingsRules } from './label-settings.ts';

type JailChange = Change<JailState>;

/** What the settings of jails become: what is made of them for the whole host follows that. */
interface JailChanges {
  readonly all: readonly JailChange[];
  readonly network: Label;
  readonly limits: Label;
  /** Who may log in. */
  readonly logins: Label;
}

function settingsOf(change: JailChange) {
  if (change.action !== 'update') return [];
  const [before, after] = [change.before.settings, change.after.settings];
  return before === undefined || after === undefined ? [] : [{ before, after }];
}

function jailChangesOf(stages: readonly Stage[]): JailChanges {
  const all = stages
    .filter(({ kind }) => kind === 'jail')
    .flatMap(({ changes }) => changes as readonly JailChange[]);
  const pairs = all.flatMap(settingsOf);
  return {
    all,
    network: worst(
      pairs.map(({ before, after }) => settingsRules.network(before.network, after.network)),
    ),
    limits: worst(
      pairs.map(({ before, after }) => settingsRules.limits(before.limits, after.limits)),
    ),
    logins: worst(
      pairs.flatMap(({ before, after }) => [
        settingsRules.login(before.login, after.login),
        settingsRules.authorizedKeys(before.authorizedKeys, after.authorizedKeys),
      ]),
    ),
  };
}

/** New jails bring a new fence: nothing that stood was let go, or put right. */
function isNew(jails: JailChanges): boolean {
  return jails.all.some(({ action }) => action === 'create');
}

/** What a rule means whoever it is for: a jail that grows has it for more UIDs. */
function keyOf(rule: Rule): string {
  return ruleKey(rule.replace(/ -m owner --uid-owner \S+/, ''));
}

function refuses(rule: Rule): boolean {
  const words = wordsOf(rule);
  return words.some(
    (word, at) => word === '-j' && ['DROP', 'REJECT'].includes(words[at + 1] ?? ''),
  );
}

/** Was there a hole in the fence that is closed? */
function closesHole(before: FirewallTable, after: FirewallTable): boolean {
  const has = (rules: readonly Rule[], rule: Rule) => rules.map(keyOf).includes(keyOf(rule));
  return (
    before.output.some((rule) => !leadsIntoChain(rule)) ||
    after.output.some((rule) => !before.output.map(ruleKey).includes(ruleKey(rule))) ||
    before.chain.some((rule) => !refuses(rule) && !has(after.chain, rule)) ||
    after.chain.some((rule) => refuses(rule) && !has(before.chain, rule))
  );
}

function firewall(change: Change<FirewallTable>, jails: JailChanges): Label {
  if (change.action === 'delete') return 'neutral';
  if (change.action === 'create') return isNew(jails) ? 'neutral' : 'tightens';
  if (jails.network === 'loosens') return 'loosens';
  return closesHole(change.before, change.after) ? 'tightens' : 'neutral';
}

function limits(change: Change<HostLimits>, jails: JailChanges): Label {
  if (change.action === 'delete') return 'neutral';
  if (change.action === 'create') return isNew(jails) ? 'neutral' : 'tightens';
  if (change.before.type === 'pool') return change.before.faults?.length ? 'tightens' : 'neutral';
  // No jail is another than it was: somebody has edited the file.
  return jails.all.length === 0 ? 'tightens' : jails.limits;
}

function boot(change: Change<BootPart>, jails: JailChanges): Label {
  if (change.action === 'delete') return 'neutral';
  if (change.action === 'create') return isNew(jails) ? 'neutral' : 'tightens';
  // No jail is another than it was: somebody has edited it.
  return jails.all.length === 0 ? 'tightens' : jails.network;
}

/** What sshd knows of jail users, and keys: somebody has edited them where no jail is another. */
function login(change: Change<Logins>, jails: JailChanges): Label {
  if (change.action === 'create') return isNew(jails) ? 'neutral' : jails.logins;
  return jails.all.length === 0 ? 'tightens' : jails.logins;
}

function jail(change: JailChange): Label {
  if (change.action === 'create') return 'neutral';
  if (change.action === 'delete') return 'destroys';
  const { before } = change;
  const isOpen = before.markerFault !== undefined || (before.faults ?? []).length > 0;
  const settings = settingsOf(change).map((pair) => labelOfSettings(pair.before, pair.after));
  return worst([...settings, ...(isOpen ? (['tightens'] as const) : [])]);
}

/** Only what somebody has changed by hand is mended, and it is always the stricter entry. */
function account(change: Change<Account>): Label {
  if (change.action !== 'update') return 'neutral';
  const { before, after } = change;
  const isGranted = (['passwd', 'shadow', 'gshadow'] as const).some((file) => {
    const [found, wanted] = [before.entries[file], after.entries[file]];
    if (typeof found !== 'string' || typeof wanted !== 'string') return false;
    return entryReasons(file, found, wanted).length > 0;
  });
  return isGranted || before.memberships.length > 0 ? 'tightens' : 'neutral';
}

/** setuid, setgid, sticky, and the right to write for all but root. */
const grantingBits = 0o7022;

function tree(change: Change<TreeNode>): Label {
  if (change.action === 'create') return 'neutral';
  const { entry, uid, gid, xattrs, altered } = change.before;
  if (change.action === 'delete') {
    return entry.type === 'doomed-home' && entry.bytes > 0 ? 'destroys' : 'neutral';
  }
  const { after } = change;
  const isHome = entry.type === 'home';
  const grants =
    uid !== after.uid ||
    gid !== after.gid ||
    altered ||
    (!isHome && (xattrs.length > 0 || ('mode' in entry && (entry.mode & grantingBits) !== 0)));
  return grants ? 'tightens' : 'neutral';
}

function labelOf(kind: KindName, change: Change<unknown>, jails: JailChanges): Label {
  switch (kind) {
    case 'firewall':
      return firewall(change as Change<FirewallTable>, jails);
    case 'limits':
      return limits(change as Change<HostLimits>, jails);
    case 'boot':
      return boot(change as Change<BootPart>, jails);
    case 'jail':
      return jail(change as JailChange);
    case 'account':
      return account(change as Change<Account>);
    case 'tree':
      return tree(change as Change<TreeNode>);
    case 'login':
      return login(change as Change<Logins>, jails);
  }
}

/**
 * Says of each change what it means for how well the jails hold. What a person decides about is
 * compared with what was applied; what was changed by hand and is mended never loosens anything.
 */
export function labelStages(stages: readonly Stage[]): readonly Stage[] {
  const jails = jailChangesOf(stages);
  return stages.map((stage) => ({
    ...stage,
    changes: stage.changes.map((change) => ({
      ...change,
      label: labelOf(stage.kind, change, jails),
    })),
  }));
}
