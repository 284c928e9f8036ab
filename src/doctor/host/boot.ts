import { type Check, finding } from '../check.ts';

export const bootCheck: Check = {
  id: 'boot',
  title: 'what puts packet rules in force at boot',
  examine: ({ init }) =>
    init === undefined
      ? [
          finding('warning', 'jailctl knows nothing that starts programs when this host boots', [
            {
              does: 'does it by hand: at boot, before the network, run',
              command: 'jailctl apply --yes',
            },
          ]),
        ]
      : [finding('info', init === 'systemd' ? 'systemd' : 'scripts in /etc/rcS.d')],
};
