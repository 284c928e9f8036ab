import type { PackageManager } from '../package-manager.ts';
import { eraseRpms, readRpmState } from './rpm.ts';

/** SUSE and openSUSE. It fetches its lists by itself when they are old. */
export const zypperManager: PackageManager = {
  name: 'zypper',
  command: 'zypper',
  systems: ['suse', 'opensuse', 'sles'],
  packages: {
    attr: 'attr',
    coreutils: 'coreutils',
    crun: 'crun',
    findutils: 'findutils',
    iptables: 'iptables',
    'openssh-server': 'openssh-server',
    passwd: 'shadow',
    runc: 'runc',
    tar: 'tar',
    'util-linux': 'util-linux',
    zstd: 'zstd',
  },
  install: (names) => [
    ...(['zypper', '--non-interactive', 'install', '--no-recommends', '--'] as const),
    ...names,
  ],
  remove: eraseRpms,
  readState: readRpmState,
};
