import type { AllowedTarget } from '../../../model/settings.ts';
import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl, worst } from '../../verdict.ts';
import {
  hostAddresses,
  isAllowed,
  isIn,
  isIpv6,
  isLinkLocal,
  unusedLoopback,
} from './addresses.ts';
import {
  heard,
  isThrough,
  newWord,
  type Place,
  placeText,
  reachAction,
  serveAction,
  targetsOf,
  trialsOf,
  unfencedUid,
} from './reach.ts';

/** A list may have many; each costs two runs. */
const targetsMax = 3;

/** An address of this machine that the target is, or contains; where it can be, one that nobody uses. */
function addressIn({ to }: AllowedTarget, own: readonly string[]): string | undefined {
  const unused = unusedLoopback(to);
  if (unused !== undefined) return unused;
  const [base = ''] = to.split('/');
  // All of 127.0.0.0/8 is this machine.
  return [...own, base].find(
    (address) => isIn(address, to) && (own.includes(address) || isIn(address, '127.0.0.0/8')),
  );
}

/** What is beside the target, as far as the list does not open it, too. */
function neighbours(
  { subject: { jail } }: Range,
  { protocol, address, port = 0 }: Place,
  own: readonly string[],
): readonly Place[] {
  const other = protocol === 'tcp' ? 'udp' : 'tcp';
  const twin = isIpv6(address) ? '127.0.0.1' : '::1';
  const beside = own.filter((one) => one !== address && isIpv6(one) === isIpv6(address));
  const all: readonly Place[] = [
    { protocol, address, port: port + 1 },
    { protocol, address, port: port - 1 },
    { protocol: other, address, port },
    { protocol, address: twin, port },
    ...(isIpv6(address) ? [] : [{ protocol, address: '127.0.0.9', port }]),
    ...beside.slice(0, 1).map((one) => ({ protocol, address: one, port })),
  ];
  return all.filter(
    (one) =>
      (one.port ?? 0) > 0 &&
      (one.port ?? 0) < 65536 &&
      !isAllowed(jail, one.protocol, one.address, one.port ?? 0),
  );
}

/**
 * For as long as it listens it may hear what is meant for a service that starts there meanwhile, so
 * it does no more than it must until then.
 * @param target the one that is let through, first of all places
 */
async function seekBeside(range: Range, target: Place, around: readonly Place[]): Promise<Finding> {
  const places = [target, ...around];
  await using server = await range.host.startOutside(serveAction(places));
  const { targets, lacking } = targetsOf(server.facts, places);
  // Where the service itself listens, it is asked for nothing: whoever connects has shown enough.
  const isReal = targets[0]?.at !== 0;
  if (isReal && (server.facts.get('listen-0') !== 'EADDRINUSE' || target.protocol !== 'tcp')) {
    return noControl(lacking.join('; '));
  }
  const beside = targets.filter(({ at }) => at > 0);
  if (beside.length === 0) return noControl(`nothing beside ${placeText(target)} to try`);
  const [word, controlWord] = [newWord(), newWord()];
  const sought = isReal ? beside : targets;
  const [answer] = await Promise.all([
    range.inside(reachAction(word, sought)),
    range.host.outside(reachAction(controlWord, sought), { as: unfencedUid }),
  ]);
  const said = await server.end();
  requireOutcome(answer, 'in the jail');
  const trials = trialsOf(answer);
  const isOpen = isReal
    ? trialsOf(await range.inside(reachAction('-', [target])))[0]?.[0] === 'connected'
    : undefined;
  if (!(isOpen ?? heard(said, word, 0))) {
    return noControl(`the jail does not reach ${placeText(target)}, which it may`);
  }
  const proven = beside.filter(({ at }) => heard(said, controlWord, at));
  if (proven.length === 0) return noControl('outside the jail, nothing beside it is reached');
  const through = proven.filter(
    (one) => heard(said, word, one.at) || isThrough(trials[sought.indexOf(one)]?.[0] ?? ''),
  );
  if (through.length > 0) return broken(`reached ${through.map(placeText).join(', ')}`);
  return held(`reached ${placeText(target)}, and not ${proven.map(placeText).join(', ')}`);
}

async function seekTargets(range: Range): Promise<Finding> {
  const { network } = range.subject.jail;
  if (network.mode !== 'allow') throw new Error('the jail has no allow-list');
  const own = (await hostAddresses(range.host))
    .map(({ address }) => address)
    .filter((address) => !isLinkLocal(address));
  const findings: Finding[] = [];
  for (const target of network.targets) {
    const address = addressIn(target, own);
    if (address === undefined || findings.length === targetsMax) continue;
    const protocol = target.protocol === 'any' ? 'tcp' : target.protocol;
    const place = { protocol, address, port: target.ports?.last ?? 7007 };
    findings.push(await seekBeside(range, place, neighbours(range, place, own)));
  }
  const [first, ...rest] = findings;
  if (first === undefined) {
    return noControl('no target of the allow-list is this machine, and no packet goes elsewhere');
  }
  return worst([first, ...rest]);
}

/** The allow-list, at its edges. */
export const allowProbes: readonly Probe[] = [
  {
    id: 'network/allow-list',
    title: 'reaches what is beside a target of the allow-list: ports, protocol, address, family',
    severity: 'high',
    layer: 'packet rules for the UID',
    expected: 'the target answers, and nothing beside it hears anything',
    control: 'the target is reached from in the jail, the rest by a user of no jail',
    gain: 'services that the manifest does not name',
    remedy: 'narrow the targets in the manifest; jailctl apply puts the rules back',
    moot: ({ jail }) =>
      jail.network.mode === 'allow' ? undefined : 'the manifest has no allow-list for the jail',
    attempt: seekTargets,
  },
];
