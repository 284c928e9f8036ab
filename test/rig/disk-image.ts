import type { TestHost } from './host.ts';

/** File systems with reflinks, and one without: of a throwaway host, all is on tmpfs. */
export type FileSystem = 'btrfs' | 'xfs' | 'ext4';

/** So small as each of them can be. */
const mebibytes: Readonly<Record<FileSystem, number>> = { btrfs: 128, xfs: 320, ext4: 128 };

/**
 * The nodes of a throwaway host are on a tmpfs of its own; the kernel's loop devices are everybody's.
 * mount(8) has them let go of the image with the last mount, and so with the host.
 */
const script = `
test -e /dev/loop-control || mknod -m 0600 /dev/loop-control c 10 237
for n in $(seq 0 31); do test -e /dev/loop$n || mknod -m 0600 /dev/loop$n b 7 $n; done
mkdir -p /run/images "$2"
truncate -s "$3M" "/run/images/$1"
mkfs.$1 -q "/run/images/$1"
mount -o loop "/run/images/$1" "$2"
chmod 0755 "$2"`;

/** Makes an empty file system in an image and mounts it; it ends with the host. */
export async function mountImage(host: TestHost, type: FileSystem, at: string): Promise<void> {
  await host.ok(['sh', '-e', '-c', script, 'sh', type, at, String(mebibytes[type])]);
}
