import { type Parsed, type Problem, parsed, quote, refused } from '../model/problem.ts';
import type { AllowedTarget } from '../model/settings.ts';
import { parseCidr } from './cidr.ts';

type Family = Pick<AllowedTarget, 'family' | 'to'>;
type Ports = NonNullable<AllowedTarget['ports']>;

const portMax = 65535;

/** Reads `to` of an allowed target: an address or a network. */
export function parseDestination(text: string): Parsed<Family> {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return refused(
      'bad-address',
      `to is ${quote(text)}, which is not an address or a network`,
      addressHint(text),
    );
  }
  // Such packets leave as IPv4 (RFC 4291 section 2.5.5.2), so that no rule of ip6tables sees them.
  if (cidr.text.startsWith('::ffff:') && cidr.text.includes('.')) {
    const ipv4 = cidr.text.slice('::ffff:'.length).replace(/\/.*/, '');
    return refused(
      'bad-address',
      `to is ${quote(text)}, an IPv4 address written as IPv6`,
      `write ${ipv4}`,
    );
  }
  return parsed({ family: cidr.family, to: cidr.text });
}

/** Reads `port` of an allowed target: `5432` or `"8000-8010"`. */
export function parsePorts(value: number | string): Parsed<Ports> {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(String(value));
  if (match === null) {
    return refused(
      'bad-port',
      `port is ${quote(String(value))}, which is not a port or a range of ports`,
      portHint(String(value)),
    );
  }
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  if (first < 1 || first > portMax || last < 1 || last > portMax) {
    return refused('bad-port', `port is ${value}, and ports go from 1 to ${portMax}`);
  }
  if (first > last) {
    return refused(
      'bad-port',
      `port is ${quote(String(value))}, a range that ends before it starts`,
      `write ${last}-${first}`,
    );
  }
  return parsed({ first, last });
}

/** A target with ports must have a protocol that has ports. */
export function portsWithoutProtocol(target: {
  protocol: AllowedTarget['protocol'];
  ports: Ports | undefined;
}): Problem | undefined {
  if (target.protocol !== 'any' || target.ports === undefined) return undefined;
  return {
    code: 'port-without-protocol',
    message: 'a port is given, but the protocol is any, and only tcp and udp have ports',
    hint: 'write two targets, one with tcp and one with udp, or leave the port out',
  };
}

/** Sorted and without repetition: every target is let through, so their order means nothing. */
export function canonicalTargets(targets: readonly AllowedTarget[]): readonly AllowedTarget[] {
  const byKey = new Map(targets.map((target) => [targetKey(target), target]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target);
}

function targetKey({ family, to, protocol, ports }: AllowedTarget): string {
  const portKey = ports === undefined ? '' : [ports.first, ports.last].map(fiveDigits).join('-');
  return [family, to, protocol, portKey].join(' ');
}

function fiveDigits(port: number): string {
  return String(port).padStart(5, '0');
}

function addressHint(text: string): string {
  if (/^[0-9.]+$/.test(text)) {
    return 'an IPv4 address is four numbers from 0 to 255 without leading zeros: 10.0.0.5';
  }
  if (/^[^/]+\/[0-9]+$/.test(text) && parseCidr(text.replace(/\/.*/, '')) !== undefined) {
    return 'the number after the slash is at most 32 for IPv4 and 128 for IPv6';
  }
  if (text.includes('%')) return 'leave out the % and the interface after it';
  if (/[a-z]/i.test(text) && !text.includes(':')) {
    return 'packet rules know no names: write the address, such as 10.0.0.5';
  }
  return 'examples: 10.0.0.5, 10.0.0.0/8, 2001:db8::1, 2001:db8::/32';
}

function portHint(text: string): string {
  const range = /^([0-9]{1,5}) *(?::|\.\.|-|,) *([0-9]{1,5})$/.exec(text);
  if (range !== null && !text.includes(',')) return `write "${range[1]}-${range[2]}"`;
  if (text.includes(',')) return 'write one target for each port';
  return 'examples: 5432, "8000-8010"';
}
