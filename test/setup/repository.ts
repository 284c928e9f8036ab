import type { TestHost } from '../rig/host.ts';
import { shell } from '../scenarios/jails.ts';

/**
 * Packs installed packages of this host again, into a repository of the throwaway host's own: so a
 * real apt installs real packages where there is no network. */
const packScript = `
umask 022
mkdir -p /run/repository && cd /run/repository
pack() { # package
  tree=$(mktemp -d) && mkdir -p $tree/DEBIAN && chmod 0755 $tree
  dpkg-query --listfiles $1 | while read -r path; do
    { [ -f "$path" ] || [ -L "$path" ]; } && echo "$path"
  done | tar --create --no-recursion --absolute-names --files-from=- 2>/dev/null |
    tar --extract --directory=$tree --strip-components=1
  info=/var/lib/dpkg/info
  for script in preinst postinst prerm postrm; do
    [ -e $info/$1.$script ] && cp $info/$1.$script $tree/DEBIAN/$script
  done
  dpkg-query --show --showformat='Package: \${Package}
Version: \${Version}
Architecture: \${Architecture}
Multi-Arch: \${Multi-Arch}
Maintainer: \${Maintainer}
Pre-Depends: \${Pre-Depends}
Depends: \${Depends}
Description: \${binary:Summary}
' $1 | grep -v ': $' >$tree/DEBIAN/control
  dpkg-deb -Znone --root-owner-group --build $tree $1.deb >/dev/null
  rm -r $tree
}
`;

const indexScript = `
cd /run/repository
for file in *.deb; do
  dpkg-deb --field $file
  printf 'Filename: ./%s\\nSize: %s\\n' $file $(stat --format=%s $file)
  printf 'SHA256: %s\\n\\n' $(sha256sum $file | cut -d ' ' -f 1)
done >Packages
`;

/** What setup will have to install; their dependencies are those that nothing else here needs. */
export const asked = ['attr', 'crun', 'iptables'] as const;
export const dependencies = [
  'libip6tc2',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libnftnl11',
  'libyajl2',
] as const;

/** Puts installed packages into the repository. */
async function publish(host: TestHost, packages: readonly string[]): Promise<void> {
  const packing = packages.map((name) => `pack ${name}`);
  await shell(host, [packScript, ...packing, indexScript].join('\n'));
}

/** Changes a package of the repository, unpacked in `$tree`, by shell text. */
export async function republish(host: TestHost, name: string, text: string): Promise<void> {
  await shell(
    host,
    `tree=$(mktemp -d); cd /run/repository
     dpkg-deb --raw-extract ${name}.deb $tree
     ${text}
     rm ${name}.deb; dpkg-deb -Znone --root-owner-group --build $tree >/dev/null
     mv $tree.deb ${name}.deb; rm -r $tree; ${indexScript}`,
  );
}

/** What a package of the repository does when it is set up, in place of its own postinst. */
export function setPostinst(host: TestHost, name: string, text: string): Promise<void> {
  return republish(
    host,
    name,
    `printf '#!/bin/sh\\n%s\\n' '${text}' >$tree/DEBIAN/postinst; chmod 0755 $tree/DEBIAN/postinst`,
  );
}

/** Gives a throwaway host that repository alone, and takes its packages away. */
export async function withoutPackages(host: TestHost): Promise<void> {
  await publish(host, [...asked, ...dependencies, 'runc']);
  await shell(
    host,
    `# Rebuilding an index of manual pages takes twenty seconds.
     rm -f /var/lib/man-db/auto-update
     rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
     echo 'deb [trusted=yes] file:/run/repository ./' >/etc/apt/sources.list
     export DEBIAN_FRONTEND=noninteractive
     apt-get purge --quiet --yes ${[...asked, ...dependencies, 'runc'].join(' ')}
     rm -f /var/cache/apt/archives/*.deb`,
  );
}
