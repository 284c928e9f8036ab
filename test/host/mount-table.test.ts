import { describe, expect, test } from 'vitest';
import { layersOf } from '../../src/host/throwaway/mount-table.ts';

const root = '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw';
const layersWith = (...lines: string[]) => layersOf([root, ...lines, ''].join('\n')).slice(1);
const mountPoints = (...lines: string[]) => layersWith(...lines).map((layer) => layer.mountPoint);

describe('the file systems that a throwaway host copies', () => {
  test('are the root and each one below it, parents first', () => {
    const table = [
      '31 30 8:3 / /home/deep rw - xfs /dev/sda3 rw',
      root,
      '30 27 8:2 / /home rw,nosuid,nodev,relatime - ext4 /dev/sda2 rw',
    ];
    expect(layersOf(table.join('\n'))).toEqual([
      { mountPoint: '/', fileSystem: 'ext4', by: 'overlay', flags: [] },
      { mountPoint: '/home', fileSystem: 'ext4', by: 'overlay', flags: ['nosuid', 'nodev'] },
      { mountPoint: '/home/deep', fileSystem: 'xfs', by: 'overlay', flags: [] },
    ]);
  });

  test('do not include the windows into the kernel, wherever they are mounted', () => {
    const lines = ['proc', 'sysfs', 'cgroup2', 'devpts', 'nsfs'].map(
      (type) => `40 27 0:9 / /srv/${type} rw - ${type} none rw`,
    );
    expect(mountPoints(...lines)).toEqual([]);
  });

  test('do not include what is below /dev, /proc, /run and /sys, but do include /devices', () => {
    const lines = ['/dev/shm', '/run', '/run/user/1000', '/sys/x', '/proc/x', '/devices'].map(
      (path) => `40 27 0:9 / ${path} rw - tmpfs tmpfs rw`,
    );
    expect(mountPoints(...lines)).toEqual(['/devices']);
  });

  test('are taken once where several are stacked, as the last one is', () => {
    expect(
      layersWith('40 27 8:2 / /srv rw - ext4 a rw', '41 40 0:9 / /srv rw,noexec - tmpfs b rw'),
    ).toEqual([{ mountPoint: '/srv', fileSystem: 'tmpfs', by: 'overlay', flags: ['noexec'] }]);
  });

  test('are only bound where they are read only, unless it is the root', () => {
    expect(layersWith('40 27 7:1 / /snap/core ro,nodev - squashfs /dev/loop1 ro')).toMatchObject([
      { by: 'bind', flags: ['ro', 'nodev'] },
    ]);
    expect(layersOf('27 1 254:0 / / ro - erofs /dev/vda ro')).toMatchObject([{ by: 'overlay' }]);
  });

  test('keep names with the characters that the kernel escapes', () => {
    expect(mountPoints(String.raw`40 27 8:2 / /srv/a\040b\134c rw - ext4 a rw`)).toEqual([
      String.raw`/srv/a b\c`,
    ]);
  });
});
