import { wordsOf } from '../kinds/firewall/rule.ts';
import { parseSave } from '../kinds/firewall/save-text.ts';
import { chainName, type Family, families, type Rule, toolsOf } from '../kinds/firewall/table.ts';
import type { Reader } from '../model/reader.ts';
import { type FoundNetwork, type FoundUser, type OldRule, someOf } from './found.ts';

/** The rules of OUTPUT, jailctl's own aside, as iptables-save prints them. */
export type OutputRules = Readonly<Record<Family, readonly Rule[]>>;

/** Reads both families; one that can't be read has no rules here, and the plan says why. */
export function readOutputRules(reader: Reader): OutputRules {
  const rules = families.map((family): readonly [Family, readonly Rule[]] => {
    const tool = toolsOf(family).save;
    if (reader.which(tool) === undefined) return [family, []];
    const output = parseSave(reader.query([tool]).stdout).rules.filter((rule) => {
      const words = wordsOf(rule);
      return words[1] === 'OUTPUT' && !words.includes(chainName);
    });
    return [family, output];
  });
  return Object.fromEntries(rules) as Record<Family, readonly Rule[]>;
}

/**
 * The UID whose packets a rule of the old scripts' form refuses: `-m owner --uid-owner N -j DROP`
 * and nothing else. What has one word more (a port, a comment, a range) somebody else wrote.
 */
function ownerCut(rule: Rule): number | undefined {
  const [, uid] =
    /^-A OUTPUT -m owner --uid-owner (\d+) -j (?:DROP|REJECT(?: --reject-with [a-z0-9-]+)?)$/.exec(
      rule,
    ) ?? [];
  return uid === undefined ? undefined : Number(uid);
}

/** The rules that the old scripts made for these users, each as often as it is there. */
export function oldRules(output: OutputRules, uids: ReadonlySet<number>): readonly OldRule[] {
  return families.flatMap((family) =>
    output[family].flatMap((rule) => {
      const uid = ownerCut(rule);
      return uid === undefined || !uids.has(uid) ? [] : [{ family, rule, uid }];
    }),
  );
}

/** Rules about one of these users that are not of the old scripts' form. */
function otherRules(output: OutputRules, users: readonly FoundUser[]): readonly Rule[] {
  const owners = new Set(users.flatMap(({ name, uid }) => [name, String(uid)]));
  const about = (rule: Rule) => {
    const words = wordsOf(rule);
    const owner = words[words.indexOf('--uid-owner') + 1] ?? '';
    const [, first, last] = /^(\d+)-(\d+)$/.exec(owner) ?? [];
    if (first === undefined) return words.includes('--uid-owner') && owners.has(owner);
    return users.some(({ uid }) => uid >= Number(first) && uid <= Number(last));
  };
  return families.flatMap((family) =>
    output[family].filter((rule) => ownerCut(rule) === undefined && about(rule)),
  );
}

/** What the rules of today do to a jail's users, as `network` of a manifest. */
export function networkOf(output: OutputRules, users: readonly FoundUser[]): FoundNetwork {
  const cut = (family: Family) => {
    const uids = new Set(output[family].flatMap((rule) => ownerCut(rule) ?? []));
    return users.filter(({ uid }) => uids.has(uid));
  };
  const others = otherRules(output, users).map(
    (rule) => `a rule that is not carried over; write it as \`allow\`, if it shall stay: ${rule}`,
  );
  const [ipv4, ipv6] = [cut('ipv4'), cut('ipv6')];
  if (users.length === 0) return { mode: 'none', notes: others };
  const notes: string[] = [];
  if (ipv4.length === 0 && ipv6.length === 0) {
    notes.push(
      'TODAY NO RULE CUTS THESE USERS OFF: they reach whatever this host reaches, and `host` keeps it so',
      '`network: none` would cut them off',
    );
    return { mode: 'host', notes: [...notes, ...others] };
  }
  const open = users.filter((user) => !ipv4.includes(user)).map(({ name }) => name);
  if (open.length > 0) notes.push(`until now ${someOf(open)} could send over IPv4`);
  const open6 = users.filter((user) => !ipv6.includes(user)).map(({ name }) => name);
  if (open6.length > 0) notes.push(`until now ${someOf(open6)} could send over IPv6`);
  return { mode: 'none', notes: [...notes, ...others] };
}
