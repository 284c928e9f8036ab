/** An IPv4 or IPv6 network. */
export interface Cidr {
  readonly family: 'ipv4' | 'ipv6';
  /** As iptables-save and ip6tables-save print it, always with its prefix length: `10.0.0.5/32`. */
  readonly text: string;
}

/**
 * Reads an address or a network, and clears the bits that the prefix does not cover, as iptables
 * does. Undefined for everything else: names, `010.0.0.1` (octal for some, decimal for others),
 * zones (`fe80::1%eth0`), netmasks.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = slash === -1 ? text : text.slice(0, slash);
  const bytes = parseIpv4(address) ?? parseIpv6(address);
  if (bytes === undefined) return undefined;
  const bits = bytes.length * 8;
  const prefixText = slash === -1 ? String(bits) : text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(prefixText) || Number(prefixText) > bits) return undefined;
  const prefix = Number(prefixText);
  const network = bytes.map((byte, index) => byte & maskByte(prefix - index * 8));
  return bits === 32
    ? { family: 'ipv4', text: `${network.join('.')}/${prefix}` }
    : { family: 'ipv6', text: `${formatIpv6(network)}/${prefix}` };
}

/** The eight mask bits of a byte of which `covered` bits (below 0: none, above 8: all) count. */
function maskByte(covered: number): number {
  const ones = Math.min(8, Math.max(0, covered));
  return (0xff << (8 - ones)) & 0xff;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.map(Number);
}

/** RFC 4291 section 2.2: eight groups, one `::` for a run of zeros, perhaps IPv4 at the end. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  // A `::` stands for at least one group (RFC 4291); without one, nothing may be missing.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndWithIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const ipv4 = mayEndWithIpv4 && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 !== undefined) {
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/**
 * The form of inet_ntop(3), which ip6tables-save prints: RFC 5952, and dotted for the addresses
 * that embed an IPv4 address (`::1.2.3.4`).
 */
function formatIpv6(bytes: readonly number[]): string {
  const words = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  );
  const run = longestZeroRun(words);
  const dotted = run.start === 0 && (run.length === 6 || (run.length === 5 && words[5] === 0xffff));
  const shown = (from: number, to: number) =>
    words.slice(from, to).map((word) => word.toString(16));
  const last = dotted ? [bytes.slice(12).join('.')] : [];
  const end = dotted ? 6 : 8;
  if (run.length < 2) return [...shown(0, end), ...last].join(':');
  const tail = [...shown(run.start + run.length, end), ...last];
  return `${shown(0, run.start).join(':')}::${tail.join(':')}`;
}

/** The first of the longest runs of zeros. */
function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
