import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCidr } from '../../src/manifest/cidr.ts';

/** An independent reading of IPv6: the URL standard's, which compresses as RFC 5952 does. */
function urlForm(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

describe('an address or a network', () => {
  // The right side is what iptables-save 1.8.9 and ip6tables-save 1.8.9 print for the left side.
  test.each([
    ['10.0.0.5', '10.0.0.5/32'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['1.2.3.5/31', '1.2.3.4/31'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::', '::/128'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['1::', '1::/128'],
    ['fe80::1/10', 'fe80::/10'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3/128'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304/128'],
    ['::102:304', '::1.2.3.4/128'],
    ['::1:2', '::0.1.0.2/128'],
    ['::/96', '::/96'],
    ['::ffff:10.0.0.5', '::ffff:10.0.0.5/128'],
    ['0:0:0:0:0:ffff:0:1', '::ffff:0.0.0.1/128'],
    ['::ffff:1.2.3.4/112', '::ffff:1.2.0.0/112'],
  ])('%s is %s for the packet filter', (text, canonical) => {
    expect(parseCidr(text)?.text).toBe(canonical);
  });

  test.each([
    '',
    '10',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1.2',
    '10.0.0.5/33',
    '10.0.0.5/',
    '10.0.0.5/08',
    '10.0.0.0/255.0.0.0',
    '10.0.0.5/8/8',
    ' 10.0.0.5',
    '10.0.0.5\n',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    ':1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::/129',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3.4:5',
    'localhost',
  ])('is not %j', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('has a form that is its own', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (address, prefix) => {
        const canonical = parseCidr(`${address}/${Math.min(prefix, isIPv4(address) ? 32 : 128)}`);
        expect(canonical).toBeDefined();
        expect(parseCidr(canonical?.text ?? '')).toEqual(canonical);
      }),
    );
  });

  test('holds the address that it was made of, as Node itself reads both', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (address, prefix) => {
        const family = isIPv4(address) ? 'ipv4' : 'ipv6';
        const length = Math.min(prefix, family === 'ipv4' ? 32 : 128);
        const [network = ''] = parseCidr(`${address}/${length}`)?.text.split('/') ?? [];
        const list = new BlockList();
        list.addSubnet(network, length, family);
        expect(list.check(address, family)).toBe(true);
      }),
    );
  });

  test('of IPv6 is written as the URL standard writes it, but for embedded IPv4', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const [text = ''] = parseCidr(address)?.text.split('/') ?? [];
        if (text.includes('.')) expect(urlForm(text)).toBe(urlForm(address));
        else expect(text).toBe(urlForm(address));
      }),
    );
  });

  test('is taken exactly when Node takes it', () => {
    const part = fc.constantFrom('0', '1', 'ff', '255', '256', ':', '::', '.', '1.2.3.4', 'g');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        expect(parseCidr(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });
});
