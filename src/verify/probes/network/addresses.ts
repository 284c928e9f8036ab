import { randomInt } from 'node:crypto';
import type { JailSettings } from '../../../model/settings.ts';
import type { VerifyHost } from '../../range.ts';

/** An address of an interface of the host that is up. */
export interface HostAddress {
  readonly interface: string;
  readonly index: number;
  readonly address: string;
}

/** @throws Error when the host does not tell them */
export async function hostAddresses(host: VerifyHost): Promise<readonly HostAddress[]> {
  const { facts, outcome } = await host.outside(['addresses']);
  if (outcome !== 'done') throw new Error(`the addresses of the host are not known: ${outcome}`);
  return [...facts].flatMap(([name, value]) => {
    const [device, index, address] = value.split(' ');
    if (!name.startsWith('address-') || device === undefined || address === undefined) return [];
    return [{ interface: device, index: Number(index), address }];
  });
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** As 4 or 16 bytes. @param address as inet_ntop(3) and iptables-save print it, without a scope */
function bytesOf(address: string): readonly number[] {
  if (!isIpv6(address)) return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const groups = (text: string) =>
    text
      .split(':')
      .filter((group) => group !== '')
      .flatMap((group) => {
        if (group.includes('.')) return bytesOf(group);
        const value = Number.parseInt(group, 16);
        return [value >> 8, value & 255];
      });
  const [first, last] = [groups(head), groups(tail ?? '')];
  return [...first, ...Array<number>(16 - first.length - last.length).fill(0), ...last];
}

/** Is the address in this network? @param network `10.0.0.0/8`; of the same family or not */
export function isIn(address: string, network: string): boolean {
  const [base = '', length] = network.split('/');
  if (isIpv6(base) !== isIpv6(address)) return false;
  const [some, others] = [bytesOf(address), bytesOf(base)];
  const bits = length === undefined ? others.length * 8 : Number(length);
  return others.every((byte, at) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 255;
    return ((some[at] ?? 0) & mask) === (byte & mask);
  });
}

/**
 * One of the 16 million addresses of 127.0.0.0/8, most of which nobody uses.
 * @returns undefined where the network has few of them or none
 */
export function unusedLoopback(network: string): string | undefined {
  const [base = '', length = '32'] = network.split('/');
  const size = 2 ** (32 - Math.max(8, Number(length)));
  if (isIpv6(base) || size < 4) return undefined;
  const first = Number(length) <= 8 ? '127.0.0.0' : base;
  // Neither the first nor the last one, which are the network itself and all of it.
  const value = bytesOf(first).reduce((sum, byte) => sum * 256 + byte, 0) + randomInt(1, size - 1);
  const address = [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
  return isIn(address, network) && isLoopback(address) ? address : undefined;
}

/** Does the jail's allow-list let this through? @param protocol of IP: `tcp`, `udp`, `icmp` */
export function isAllowed(
  { network }: JailSettings,
  protocol: string,
  address: string,
  port: number,
): boolean {
  if (network.mode !== 'allow') return network.mode === 'host';
  return network.targets.some(
    (target) =>
      (target.protocol === 'any' || target.protocol === protocol) &&
      isIn(address, target.to) &&
      (target.ports === undefined || (port >= target.ports.first && port <= target.ports.last)),
  );
}
