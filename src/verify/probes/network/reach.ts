import { randomBytes } from 'node:crypto';
import type { Answer } from '../../../model/probe-answer.ts';
import { requireOutcome } from '../../attempt.ts';
import type { Action, Range, Subject } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { isAllowed, isIpv6 } from './addresses.ts';

/** Of nobody, and of no jail: what it sends meets no rule of jailctl's, as root's would. */
export const unfencedUid = 65534;

/** Where something listens. */
export interface Place {
  readonly protocol: 'tcp' | 'udp' | 'udplite' | 'mptcp' | 'icmp' | 'unix' | 'abstract';
  /** Of a socket of AF_UNIX: its path or name. */
  readonly address: string;
  /** Absent: any free one. */
  readonly port?: number;
  /** By which address it is sought there; absent: by that at which it listens. */
  readonly sought?: string;
}

/** A place where something does listen. */
type Target = Place & { readonly port: number; readonly at: number };

export type Asker = (action: Action) => Promise<Answer>;

/** How something is sought. Absent: from in the jail. */
export interface Seeking {
  readonly from?: Asker;
  /** The UID of the control; absent: one that no rule fences. */
  readonly control?: number | 'root';
}

/** What an attempt comes to when nobody lets it through; that nothing arrived is looked at besides. */
const refusals = [
  ...['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ENODEV'],
  ...['EPERM', 'EACCES', 'ENOSYS', 'ENOENT', 'EINVAL'],
  ...['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT'],
  'sent',
];

/** For an answer of this machine itself; where rules drop packets, each attempt takes all of it. */
const patienceMs = 300;

export function newWord(): string {
  return randomBytes(8).toString('hex');
}

export function serveAction(places: readonly Place[]): Action {
  return [
    'serve',
    ...places.flatMap(({ protocol, address, port = 0 }) => [protocol, address, String(port)]),
  ];
}

/** @param word `-`: connects, and sends nothing */
export function reachAction(word: string, places: readonly Place[]): Action {
  return [
    'reach',
    word,
    String(patienceMs),
    ...places.flatMap(({ protocol, address, sought = address, port = 0 }) => [
      ...[protocol, sought, String(port)],
    ]),
  ];
}

export function placeText({ protocol, address, sought = address, port }: Place): string {
  const where = isIpv6(sought) ? `[${sought}]` : sought;
  return port === undefined || port === 0 || protocol === 'icmp'
    ? `${protocol} ${sought}`
    : `${protocol} ${where}:${port}`;
}

/** Where a server listens, of the places that it was told. */
export function targetsOf(
  facts: ReadonlyMap<string, string>,
  places: readonly Place[],
): { readonly targets: readonly Target[]; readonly lacking: readonly string[] } {
  const targets: Target[] = [];
  const lacking: string[] = [];
  for (const [at, place] of places.entries()) {
    const [word, port] = (facts.get(`listen-${at}`) ?? 'nothing').split(' ');
    if (word === 'done') targets.push({ ...place, port: Number(port), at });
    else lacking.push(`nothing can listen at ${placeText(place)} of this host: ${word}`);
  }
  return { targets, lacking };
}

/** Did this word get to the server, at this of its places? */
export function heard({ output }: Answer, word: string, at: number): boolean {
  return output.split('\n').includes(`heard ${word} ${at}`);
}

/** How each attempt came out: a word, and the call. */
export function trialsOf({ facts }: Answer): readonly (readonly [word: string, call: string])[] {
  return [...facts].flatMap(([name, value]) => {
    const [word = '', call = ''] = value.split(' ');
    return name.startsWith('target-') ? [[word, call] as const] : [];
  });
}

/** Has an attempt got through, but for what the listener has to say? */
export function isThrough(word: string): boolean {
  return word === 'done' || word === 'connected';
}

/** What is let through by the manifest itself is no target. */
function isFenced({ jail }: Subject, { protocol, address, sought = address, port }: Target) {
  if (protocol === 'unix' || protocol === 'abstract') return true;
  // What the kernel makes of an address, the rules see.
  const isOther = sought.startsWith('::ffff:') || sought === '0.0.0.0';
  const [seen = ''] = (isOther ? address : sought).split('%');
  return !isAllowed(jail, protocol === 'mptcp' ? 'tcp' : protocol, seen, port);
}

function judge(
  targets: readonly Target[],
  trials: ReturnType<typeof trialsOf>,
  arrived: (at: number) => boolean,
): Finding {
  const found = targets.map((target, at) => ({ target, trial: trials[at] ?? ['none', ''] }));
  const through = found.filter(
    ({ target, trial: [word] }) => isThrough(word) || arrived(target.at),
  );
  if (through.length > 0) {
    return broken(`reached ${through.map(({ target }) => placeText(target)).join(', ')}`);
  }
  const odd = found.find(({ trial: [word] }) => !refusals.includes(word));
  if (odd !== undefined) {
    throw new Error(`${placeText(odd.target)} came to ${odd.trial.join(' of ')}`);
  }
  return held(
    found
      .map(({ target, trial: [word, call] }) =>
        word === 'sent'
          ? `${placeText(target)}: sent, and it never arrived`
          : `${placeText(target)}: ${word} (${call})`,
      )
      .join(', '),
  );
}

/**
 * Listens at places of the host, and seeks them from in the jail and, as the control, from outside.
 * What counts is what the listener hears.
 */
export async function seek(
  range: Range,
  places: readonly Place[],
  { from = (action) => range.inside(action), control = unfencedUid }: Seeking = {},
): Promise<Finding> {
  await using server = await range.host.startOutside(serveAction(places));
  const { targets: listening, lacking } = targetsOf(server.facts, places);
  if (lacking.length > 0) return noControl(lacking.join('; '));
  const targets = listening.filter((target) => isFenced(range.subject, target));
  if (targets.length === 0) return noControl('the allow-list of the jail opens all of it');
  const [word, controlWord] = [newWord(), newWord()];
  const outside = await range.host.outside(
    reachAction(controlWord, targets),
    control === 'root' ? {} : { as: control },
  );
  const answer = await from(reachAction(word, targets));
  requireOutcome(answer, 'where it was tried');
  const said = await server.end();
  const controls = trialsOf(outside);
  const deaf = targets.flatMap((target, at) =>
    heard(said, controlWord, target.at)
      ? []
      : [`${placeText(target)}: ${controls[at]?.join(' of ') ?? outside.output.trim()}`],
  );
  if (deaf.length > 0) return noControl(`outside the jail it does not work: ${deaf.join(', ')}`);
  return judge(targets, trialsOf(answer), (at) => heard(said, word, at));
}
