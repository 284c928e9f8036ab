import { leadsIntoChain, wordsOf } from '../../../kinds/firewall/rule.ts';
import type { FirewallTable, Rule } from '../../../kinds/firewall/table.ts';
import type { AllowedTarget, JailSettings } from '../../../model/settings.ts';

/** What a rule asks of a packet, and what it does with it. */
interface Meaning {
  /** Inclusive; absent: of whomever. */
  readonly uids?: readonly [first: number, last: number];
  readonly to?: string;
  readonly protocol?: string;
  /** Inclusive, as one text: `80`, `80:90`. */
  readonly ports?: string;
  readonly target: string;
  /** It asks for something else besides. */
  readonly isNarrower: boolean;
}

function rangeOf(text: string): readonly [number, number] {
  const [first, last = first] = text.split('-').map(Number);
  return [first ?? Number.NaN, last ?? Number.NaN];
}

/** Options that say nothing about which packets it is for. */
const silent = ['-A', '-j', '-m', '--comment', '--reject-with'];

function meaningOf(rule: Rule): Meaning {
  const words = wordsOf(rule);
  const target = words[words.indexOf('-j') + 1] ?? '';
  let meaning: Meaning = { target, isNarrower: false };
  for (let at = 0; at < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (silent.includes(option)) continue;
    if (option === '--uid-owner') meaning = { ...meaning, uids: rangeOf(value) };
    else if (option === '-d') meaning = { ...meaning, to: value };
    else if (option === '-p') meaning = { ...meaning, protocol: value };
    else if (option === '--dport') meaning = { ...meaning, ports: value };
    // `!` and all that jailctl itself never writes: for whom it is then, nobody need know.
    else return { target, isNarrower: true };
  }
  return meaning;
}

function covers({ uids }: Meaning, uid: number): boolean {
  return uids === undefined || (uid >= uids[0] && uid <= uids[1]);
}

function isEveryPacket({ to, protocol, ports, isNarrower }: Meaning): boolean {
  return to === undefined && protocol === undefined && ports === undefined && !isNarrower;
}

function isThisTarget(
  { to, protocol, ports, isNarrower }: Meaning,
  target: AllowedTarget,
): boolean {
  const { first, last } = target.ports ?? { first: 0, last: 65535 };
  const every = first === 0 && last === 65535;
  const wanted = every ? undefined : first === last ? String(first) : `${first}:${last}`;
  return (
    !isNarrower &&
    to === (target.to.endsWith('/0') ? undefined : target.to) &&
    protocol === (target.protocol === 'any' ? undefined : target.protocol) &&
    ports === wanted
  );
}

const refusing = ['REJECT', 'DROP'];

/** Could it let something of this user's through? */
function mayPass(meaning: Meaning, uid: number): boolean {
  return covers(meaning, uid) && !refusing.includes(meaning.target);
}

function chainFaults(
  { network }: JailSettings,
  { family, chain }: FirewallTable,
  uid: number,
): readonly string[] {
  const targets = network.mode === 'allow' ? network.targets : [];
  const faults: string[] = [];
  for (const rule of chain) {
    const meaning = meaningOf(rule);
    if (!covers(meaning, uid)) continue;
    if (refusing.includes(meaning.target)) {
      if (isEveryPacket(meaning)) return faults;
      continue;
    }
    const isWanted = targets.some((one) => one.family === family && isThisTarget(meaning, one));
    if (!isWanted) faults.push(`${family}: lets more through than the manifest: ${rule}`);
  }
  return [...faults, `${family}: no rule refuses the rest of what UID ${uid} sends`];
}

/** Why these rules do not fence a user. None: they do. */
export function fenceFaults(
  jail: JailSettings,
  table: FirewallTable,
  uid: number,
): readonly string[] {
  const { family, output } = table;
  const isJump = (rule: Rule) => {
    const meaning = meaningOf(rule);
    return leadsIntoChain(rule) && covers(meaning, uid) && isEveryPacket(meaning);
  };
  const at = output.findIndex(isJump);
  if (at === -1) return [`${family}: nothing leads what UID ${uid} sends into the fence`];
  return [
    ...output
      .slice(0, at)
      .filter((rule) => !leadsIntoChain(rule) && mayPass(meaningOf(rule), uid))
      .map((rule) => `${family}: a rule stands before the fence: ${rule}`),
    ...chainFaults(jail, table, uid),
  ];
}
