import type { PackageManager } from '../package-manager.ts';
import { eraseRpms, readRpmState } from './rpm.ts';

/** Fedora, Red Hat and what is made of them. It fetches its lists by itself. */
export const dnfManager: PackageManager = {
  name: 'dnf',
  command: 'dnf',
  systems: ['fedora', 'rhel', 'centos'],
  packages: {
    attr: 'attr',
    coreutils: 'coreutils',
    crun: 'crun',
    findutils: 'findutils',
    // https://fedoraproject.org/wiki/Changes/iptables-nft-default
    iptables: 'iptables-nft',
    'openssh-server': 'openssh-server',
    passwd: 'shadow-utils',
    runc: 'runc',
    tar: 'tar',
    'util-linux': 'util-linux',
    zstd: 'zstd',
  },
  install: (names) => [
    ...(['dnf', 'install', '--assumeyes', '--setopt=install_weak_deps=False'] as const),
    ...names,
  ],
  remove: eraseRpms,
  readState: readRpmState,
};
