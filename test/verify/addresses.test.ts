import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIn, unusedLoopback } from '../../src/verify/probes/network/addresses.ts';

describe('an address in a network', () => {
  test.for([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.0.0.5', '10.0.0.5/32', true],
    ['10.0.0.4', '10.0.0.5/32', false],
    ['192.168.3.1', '192.168.2.0/23', true],
    ['192.168.4.1', '192.168.2.0/23', false],
    ['8.8.8.8', '0.0.0.0/0', true],
    ['::1', '0.0.0.0/0', false],
    ['10.1.2.3', '::/0', false],
    ['fd09::1', 'fd00::/8', true],
    ['fe80::1', 'fd00::/8', false],
    ['2001:db8::ff00:1', '2001:db8::ff00:0/112', true],
    ['2001:db8::ff01:1', '2001:db8::ff00:0/112', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.0/104', true],
  ] as const)('%s in %s: %s', ([address, network, expected]) => {
    expect(isIn(address, network)).toBe(expected);
  });
});

describe('an address of 127.0.0.0/8 that nobody uses', () => {
  test.for(['0.0.0.0/0', '64.0.0.0/2', '127.0.0.0/8', '127.4.0.0/16', '127.1.2.4/30'])(
    'is in %s, and not at its edges',
    (network) => {
      const hosts = network.endsWith('/30') ? ['127.1.2.5', '127.1.2.6'] : undefined;
      fc.assert(
        fc.property(fc.constant(network), (one) => {
          const address = unusedLoopback(one) ?? '';
          expect(isIn(address, one) && isIn(address, '127.0.0.0/8')).toBe(true);
          expect(hosts ?? [address]).toContain(address);
          expect(['127.0.0.0', '127.255.255.255']).not.toContain(address);
        }),
      );
    },
  );

  test.for(['127.0.0.1/32', '127.0.0.2/31', '10.0.0.0/8', '128.0.0.0/1', '::/0', '::1/128'])(
    'is not in %s',
    (network) => {
      expect(unusedLoopback(network)).toBeUndefined();
    },
  );
});
