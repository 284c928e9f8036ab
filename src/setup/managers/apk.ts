import { Failure } from '../../model/failure.ts';
import type { PackageManager } from '../package-manager.ts';

/** Alpine. What others need stays when it is removed: apk-del(8) only unmarks it. */
export const apkManager: PackageManager = {
  name: 'apk',
  command: 'apk',
  systems: ['alpine'],
  packages: {
    attr: 'attr',
    coreutils: 'coreutils',
    crun: 'crun',
    findutils: 'findutils',
    // Two packages up to Alpine 3.18; later the one is the other.
    iptables: 'iptables ip6tables',
    'openssh-server': 'openssh-server',
    passwd: 'shadow',
    runc: 'runc',
    tar: 'tar',
    'util-linux': 'util-linux',
    zstd: 'zstd',
  },
  refresh: ['apk', 'update'],
  install: (names) => ['apk', 'add', '--no-interactive', '--', ...names],
  remove: (names) => ['apk', 'del', '--no-interactive', '--', ...names],
  readState: (reader) => {
    const { status, stdout, stderr } = reader.query(['apk', 'info']);
    if (status !== 0) throw new Failure(`apk failed: ${stderr.trim()}`);
    return new Map(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((name) => [name, 'installed']),
    );
  },
};
