import {
  chainName,
  type Family,
  type FirewallTable,
  families,
  firewallAddress,
  type Rule,
} from '../kinds/firewall/table.ts';
import type { Address } from '../model/address.ts';
import type { AllowedTarget, JailSettings } from '../model/settings.ts';
import { type UidRange, uidRanges } from '../model/uid-range.ts';

function span(first: number, last: number, separator: string): string {
  return first === last ? String(first) : `${first}${separator}${last}`;
}

function owner(range: UidRange): string {
  return `-m owner --uid-owner ${span(range.first, range.last, '-')}`;
}

/** The comment in the form that iptables-save prints: quoted where it has a blank. */
function comment(jail?: string): string {
  return `-m comment --comment ${jail === undefined ? 'jailctl' : `"jailctl: ${jail}"`}`;
}

function uidsOf(jail: JailSettings): readonly number[] {
  return jail.users.map((user) => user.uid);
}

function allowed(jail: JailSettings, range: UidRange, target: AllowedTarget): Rule {
  const { to, protocol, ports } = target;
  const everyPort = ports === undefined || (ports.first === 0 && ports.last === 65535);
  const parts = [
    `-A ${chainName}`,
    ...(to.endsWith('/0') ? [] : [`-d ${to}`]),
    ...(protocol === 'any' ? [] : [`-p ${protocol}`]),
    owner(range),
    ...(protocol === 'any' || everyPort
      ? []
      : [`-m ${protocol} --dport ${span(ports.first, ports.last, ':')}`]),
    comment(jail.name),
    // Not ACCEPT: the rules that the administrator has behind the jump apply to jails too.
    '-j RETURN',
  ];
  return parts.join(' ');
}

function rulesOf(jail: JailSettings, family: Family): readonly Rule[] {
  const { network } = jail;
  return uidRanges(uidsOf(jail)).flatMap((range) => {
    const all = (target: string) =>
      `-A ${chainName} ${owner(range)} ${comment(jail.name)} -j ${target}`;
    if (network.mode === 'host') return [all('RETURN')];
    const targets = network.mode === 'allow' ? network.targets : [];
    return [
      ...targets
        .filter((target) => target.family === family)
        .map((target) => allowed(jail, range, target)),
      ...(network.refusal === 'drop' ? [all('DROP')] : []),
    ];
  });
}

/**
 * What meets everything else. TCP gets a reset: connect(2) fails with ECONNREFUSED at once, while
 * an ICMPv6 error lets it wait for a second (measured on Linux 6.18). All else fails in send(2)
 * with EPERM.
 */
function refusals(family: Family): readonly Rule[] {
  const unreachable = family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
  return [
    `-A ${chainName} -p tcp ${comment()} -j REJECT --reject-with tcp-reset`,
    `-A ${chainName} ${comment()} -j REJECT --reject-with ${unreachable}`,
  ];
}

function tableOf(
  family: Family,
  settings: readonly JailSettings[],
  ranges: readonly UidRange[],
): FirewallTable {
  return {
    family,
    output: ranges.map((range) => `-A OUTPUT ${owner(range)} ${comment()} -j ${chainName}`),
    chain: [...settings.flatMap((jail) => rulesOf(jail, family)), ...refusals(family)],
    strays: [],
  };
}

/**
 * The fence of both families, as long as there is any jail. It covers the whole pool, whether a
 * UID has a user or not, and users that have a UID from a former pool. What no rule of a jail lets
 * through is refused.
 */
export function desiredFirewall(
  settings: readonly JailSettings[],
  pool: UidRange,
): ReadonlyMap<Address, FirewallTable> {
  if (settings.length === 0) return new Map();
  const sorted = settings.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const outside = sorted.flatMap(uidsOf).filter((uid) => uid < pool.first || uid > pool.last);
  const ranges = [pool, ...uidRanges(outside)];
  return new Map(
    families.map((family) => [firewallAddress(family), tableOf(family, sorted, ranges)]),
  );
}
