import type { Subject } from '../../range.ts';

/** Why there is nothing to attack: the jail may reach everything. */
export function openNetwork({ jail }: Subject): string | undefined {
  return jail.network.mode === 'host'
    ? 'the manifest gives the jail the network of the host'
    : undefined;
}

/** Why what no packet rule sees is not stopped. */
export function sharedNetwork({ jail, engine }: Subject): string | undefined {
  if (engine === 'chroot') return 'known of the engine chroot: it has no network of its own';
  return jail.network.mode === 'none'
    ? undefined
    : 'known of a jail that may reach something: it is in the network of the host';
}
