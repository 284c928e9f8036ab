import { Failure } from '../../model/failure.ts';
import type { PackageManager } from '../package-manager.ts';

/**
 * Arch. Its lists are not fetched: packages of new lists on a system of old ones do not fit
 * together, and to upgrade the whole system is not jailctl's to decide
 * (https://wiki.archlinux.org/title/System_maintenance#Partial_upgrades_are_unsupported).
 */
export const pacmanManager: PackageManager = {
  name: 'pacman',
  command: 'pacman',
  systems: ['arch', 'archlinux'],
  packages: {
    attr: 'attr',
    coreutils: 'coreutils',
    crun: 'crun',
    findutils: 'findutils',
    iptables: 'iptables',
    'openssh-server': 'openssh',
    passwd: 'shadow',
    runc: 'runc',
    tar: 'tar',
    'util-linux': 'util-linux',
    zstd: 'zstd',
  },
  install: (names) => ['pacman', '--sync', '--needed', '--noconfirm', '--', ...names],
  // Without --cascade it refuses to remove what others need.
  remove: (names) => ['pacman', '--remove', '--noconfirm', '--', ...names],
  readState: (reader) => {
    const { status, stdout, stderr } = reader.query(['pacman', '--query', '--quiet']);
    if (status !== 0) throw new Failure(`pacman failed: ${stderr.trim()}`);
    return new Map(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((name) => [name, 'installed']),
    );
  },
};
