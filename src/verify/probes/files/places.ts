import type { Subject } from '../../range.ts';

/** From anywhere in the jail, up to its root and, if that is possible, further. */
export const farUp = '../'.repeat(40);

/** Abstract sockets belong to a network namespace; with a network, that is the host's. */
export function sharedSockets({ engine, jail }: Subject): string | undefined {
  if (engine === 'chroot') return 'plain chroot leaves the abstract sockets of the host in reach';
  if (jail.network.mode === 'none') return undefined;
  return 'a jail with a network is in that of the host, with its abstract sockets';
}
