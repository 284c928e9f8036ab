import { describe, expect, test } from 'vitest';
import { localFileSystems } from '../../src/doctor/old-ids/file-systems.ts';
import { textHost } from './host-of.ts';

const filesystems = 'nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\nnodev\tnfs4\nnodev\tfuse\n\text4\n';

/** Lines of mountinfo without their two first fields, which do not matter. */
function mounted(...lines: readonly string[]): readonly string[] {
  const mountinfo = lines.map((line, index) => `${index + 30} 1 ${line}\n`).join('');
  const files = { '/proc/filesystems': filesystems, '/proc/self/mountinfo': mountinfo };
  const places = localFileSystems(textHost(files).reader);
  return places.map(({ root, except }) => [root, ...except].join(' - ')).sort();
}

const rootLine = '8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw';

describe('the file systems that are looked through', () => {
  test.for([
    ['one on a disk', '8:2 / /srv rw - ext4 /dev/sdb rw', ['/', '/srv']],
    ['one in memory', '0:9 / /tmp rw - tmpfs tmpfs rw', ['/', '/tmp']],
    ['one of a container', '0:9 / /c/merged rw - overlay overlay rw', ['/', '/c/merged']],
    ['none of the network', '0:9 / /srv rw - nfs4 server:/srv rw', ['/']],
    ['none that a program makes', '0:9 / /srv rw - fuse sshfs rw', ['/']],
    ['none that the kernel makes', '0:9 / /proc rw - proc proc rw', ['/']],
    ['none that is read-only', '8:2 / /srv rw - ext4 /dev/sdb ro', ['/']],
    ['none that is mounted read-only', '8:2 / /srv ro,nosuid - ext4 /dev/sdb rw', ['/']],
    ['no part of one again', '8:1 /srv/a /mnt rw - ext4 /dev/sda1 rw', ['/ - /mnt']],
    ['none again', '8:1 / /mnt rw - ext4 /dev/sda1 rw', ['/ - /mnt']],
    ['none again, read-only', '8:1 / /mnt ro - ext4 /dev/sda1 rw', ['/ - /mnt']],
    ['a name with a space', '8:2 / /a\\040b rw - ext4 /dev/sdb rw', ['/', '/a b']],
  ] as const)('are %s', ([, line, expected]) => {
    expect(mounted(rootLine, line)).toEqual(expected);
  });

  test('are parts of one whose whole is nowhere to be seen', () => {
    const part = (root: string, point: string) => `8:2 ${root} ${point} rw - ext4 /dev/sdb rw`;
    expect(mounted(part('/a', '/x'), part('/ab', '/x/y'), part('/a/c', '/z'))).toEqual([
      '/x - /x/y',
      '/x/y',
    ]);
  });

  test('are what stands on top where two are mounted at one place', () => {
    const disk = '8:2 / /srv rw - ext4 /dev/sdb rw';
    const network = '0:9 / /srv rw - nfs4 server:/srv rw';
    expect(mounted(rootLine, disk, network)).toEqual(['/']);
    expect(mounted(rootLine, network, disk)).toEqual(['/', '/srv']);
  });
});
