import { type Check, finding } from '../check.ts';

/** Where it is on, it needs rules of its own; jailctl always makes both. */
export const ipv6Check: Check = {
  id: 'address-families',
  title: 'IPv6',
  examine: ({ reader }) => {
    const disabled = reader.readText('/proc/sys/net/ipv6/conf/all/disable_ipv6')?.trim();
    if (disabled === undefined) {
      const command = 'jailctl rehearse';
      return [
        finding('warning', 'this kernel runs without IPv6, and ip6tables may not work then', [
          { does: 'tries it on a copy of this host', command },
        ]),
      ];
    }
    const state = disabled === '1' ? 'off by sysctl' : 'on';
    return [finding('info', `${state}: jail users get rules of IPv6 as they get those of IPv4`)];
  },
};
