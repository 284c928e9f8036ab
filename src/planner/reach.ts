import type { AllowedTarget, Network } from '../model/settings.ts';

const bitsOf = { ipv4: 32, ipv6: 128 } as const;

/** IPv4 in four numbers as the two last groups of IPv6: `::ffff:10.0.0.1`. */
function withoutDots(address: string): string {
  const [, before = '', ...numbers] = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  if (numbers.length === 0) return address;
  const hex = numbers.map((number) => Number(number).toString(16).padStart(2, '0'));
  return `${before}${hex.slice(0, 2).join('')}:${hex.slice(2).join('')}`;
}

function groups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

/** An address as one number. */
function numberOf(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  const [head = '', tail] = withoutDots(address).split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

/** Has one network, `10.0.0.0/8`, all addresses of another? */
function hasNetwork(family: AllowedTarget['family'], one: string, other: string): boolean {
  const [[address = '', length = ''], [otherAddress = '', otherLength = '']] = [one, other].map(
    (network) => network.split('/'),
  ) as [string[], string[]];
  if (Number(length) > Number(otherLength)) return false;
  const rest = BigInt(bitsOf[family] - Number(length));
  return numberOf(address) >> rest === numberOf(otherAddress) >> rest;
}

/** Does one target let through all that another does? */
function covers(one: AllowedTarget, other: AllowedTarget): boolean {
  if (one.family !== other.family || !hasNetwork(one.family, one.to, other.to)) return false;
  if (one.protocol === 'any') return true;
  if (one.protocol !== other.protocol) return false;
  const every = { first: 0, last: 65_535 };
  const [ports, others] = [one.ports ?? every, other.ports ?? every];
  return ports.first <= others.first && ports.last >= others.last;
}

function targetsOf(network: Network): readonly AllowedTarget[] {
  switch (network.mode) {
    case 'none':
      return [];
    case 'allow':
      return network.targets;
    case 'host':
      return [
        { family: 'ipv4', to: '0.0.0.0/0', protocol: 'any' },
        { family: 'ipv6', to: '::/0', protocol: 'any' },
      ];
  }
}

/**
 * Does a network let through all that another does? Target by target: two that only together cover
 * a third one do not, so that in doubt a change counts as one that lets more through.
 */
export function reaches(network: Network, other: Network): boolean {
  const targets = targetsOf(network);
  return targetsOf(other).every((target) => targets.some((one) => covers(one, target)));
}
