import { describe, expect, test } from 'vitest';
import type { Reader, Stat } from '../../src/model/reader.ts';
import {
  type AuditName,
  auditJudges,
  itemText,
  notShared,
  openWays,
  parseAudit,
} from '../../src/verify/audit.ts';
import { fileMutations } from '../../src/verify/mutations/files.ts';
import { fileProbes } from '../../src/verify/probes/files.ts';
import type { Action } from '../../src/verify/range.ts';
import { scriptedRange } from './scripted.ts';

/** TYPE MODE UID GID LINKS DEVICE INODE MAJOR MINOR MARKS PATH, as the probe program says it. */
const lines = (...items: readonly string[]) =>
  items.map((item) => `item ${item.replace(' /', ' /jail/')}\n`).join('');

const home = 'd 700 70000 70000 2 fe 1 0 0 -- /home/web1';

describe('an audit', () => {
  test('reads items, and nothing else', () => {
    const output = `entries 3\nitem x\n${lines('f 4755 0 0 1 fe01 7 0 0 k- /usr/bin/a b')}outcome done\n`;
    expect(parseAudit(output, '/jail')).toEqual([
      {
        ...{ type: 'f', mode: 0o4755, uid: 0, gid: 0, links: 1, inode: 'fe01:7' },
        ...{ major: 0, minor: 0, hasCapability: true, hasAcl: false, path: '/usr/bin/a b' },
      },
    ]);
  });

  test('calls the root of the tree /', () => {
    const [item] = parseAudit('item d 777 0 0 2 fe 1 0 0 -- /jail\n', '/jail');
    expect(item?.path).toBe('/');
  });

  test.for<readonly [AuditName, string, readonly string[], boolean]>([
    ['setuid', 'a setuid program', ['f 4755 0 0 1 fe 2 0 0 -- /su'], true],
    ['setuid', 'a setgid program', ['f 2755 0 5 1 fe 2 0 0 -- /wall'], true],
    ['setuid', 'a setgid directory', ['d 2755 0 5 1 fe 2 0 0 -- /mail'], false],
    [
      'setuid',
      "a tenant's own, in its home",
      [home, 'f 4755 70000 1 1 f 2 0 0 -- /home/web1/x'],
      false,
    ],
    ['setuid', "root's, in a home", [home, 'f 4755 0 0 1 f 2 0 0 -- /home/web1/x'], true],
    ['setuid', "another tenant's, in a home", [home, 'f 4755 9 9 1 f 2 0 0 -- /home/web1/x'], true],
    ['capabilities', 'a capability', ['f 755 0 0 1 fe 2 0 0 k- /ping'], true],
    [
      'capabilities',
      'a capability in a home',
      [home, 'f 755 70000 1 1 f 2 0 0 k- /home/web1/x'],
      true,
    ],
    ['devices', 'null', ['c 666 0 0 1 fe 2 1 3 -- /dev/null'], false],
    ['devices', 'null by another name', ['c 666 0 0 1 fe 2 1 3 -- /dev/sda'], false],
    ['devices', 'a disk by another name', ['b 600 0 0 1 fe 2 8 0 -- /dev/null'], true],
    ['devices', 'a block device with the number of null', ['b 600 0 0 1 fe 2 1 3 -- /x'], true],
    ['devices', 'the memory', ['c 600 0 0 1 fe 2 1 1 -- /dev/mem'], true],
    ['devices', 'a disk in a home', [home, 'b 600 70000 1 1 fe 2 8 0 -- /home/web1/x'], true],
    ['hardLinks', 'a second name outside', ['f 644 0 0 2 fe 2 0 0 -- /a'], true],
    [
      'hardLinks',
      'both names in the tree',
      ['f 644 0 0 2 fe 2 0 0 -- /a', 'f 644 0 0 2 fe 2 0 0 -- /b'],
      false,
    ],
    [
      'hardLinks',
      'the same number on another file system',
      ['f 644 0 0 2 fe 2 0 0 -- /a', 'f 644 0 0 2 ff 2 0 0 -- /b'],
      true,
    ],
    ['hardLinks', 'a directory', ['d 755 5 5 9 fe 2 0 0 -- /a'], false],
    ['writable', 'a file for all', ['f 666 0 0 1 fe 2 0 0 -- /a'], true],
    ['writable', 'a file for a group', ['f 664 0 5 1 fe 2 0 0 -- /a'], true],
    ['writable', 'a file for the group of root', ['f 664 0 0 1 fe 2 0 0 -- /a'], false],
    ['writable', "a file of somebody's", ['f 644 5 0 1 fe 2 0 0 -- /a'], true],
    ['writable', 'a home', [home], false],
    ['writable', 'a file in a home', [home, 'f 666 70000 1 1 fe 2 0 0 -- /home/web1/a'], false],
    ['writable', '/tmp', ['d 1777 0 0 2 fe 2 0 0 -- /tmp'], false],
    ['writable', '/tmp that is not sticky', ['d 777 0 0 2 fe 2 0 0 -- /tmp'], true],
    ['writable', "/tmp that is a tenant's", ['d 1777 5 0 2 fe 2 0 0 -- /tmp'], true],
    ['writable', 'another sticky directory', ['d 1777 0 0 2 fe 2 0 0 -- /srv'], true],
    ['writable', 'a device', ['c 666 0 0 1 fe 2 1 3 -- /dev/null'], false],
    ['acls', 'a list', ['f 644 0 0 1 fe 2 0 0 -a /a'], true],
    ['acls', 'a list on a home', [home.replace('--', '-a')], true],
    ['acls', 'a list in a home', [home, 'f 644 70000 1 1 fe 2 0 0 -a /home/web1/a'], false],
    ['specials', 'a socket', ['s 755 0 0 1 fe 2 0 0 -- /log'], true],
    ['specials', 'a FIFO in a home', [home, 'p 644 70000 1 1 fe 2 0 0 -- /home/web1/a'], false],
    ['openHomes', 'a closed home', [home], false],
    ['openHomes', 'an open home', [home.replace('700', '711')], true],
    ['openHomes', "a directory of root's", ['d 755 0 0 2 fe 2 0 0 -- /home/web1'], false],
  ])('%s: %s', ([judge, , items, isFound]) => {
    const found = auditJudges[judge](parseAudit(lines(...items), '/jail'));
    expect(found.length > 0, found.map(itemText).join()).toBe(isFound);
  });

  test('tells an item so that a person finds it', () => {
    const text = lines('b 600 0 6 2 fe 2 8 1 -- /dev/a', 'f 4755 0 0 1 fe 2 0 0 -- /su');
    expect(parseAudit(text, '/jail').map(itemText)).toEqual([
      '/dev/a (mode 0600, of 0:6, device 8:1, 2 links)',
      '/su (mode 4755, of 0:0)',
    ]);
  });
});

type Entry = Partial<Pick<Stat, 'type' | 'mode' | 'uid' | 'gid' | 'device' | 'inode'>> & {
  readonly target?: string;
};

function readerOf(entries: Readonly<Record<string, Entry>>): Reader {
  const stat = (entry: Entry) => ({ type: 'directory', mode: 0o755, uid: 0, gid: 0, ...entry });
  return {
    lstat: (path: string) => (path in entries ? stat(entries[path] ?? {}) : undefined),
    readLink: (path: string) => entries[path]?.target,
  } as unknown as Reader;
}

describe('a file with names in several jails', () => {
  const shared = { type: 'file', device: 0xfe, inode: 2 } as const;
  const both = { '/srv/b/tool': shared, '/srv/c/tool': shared };

  test.for<readonly [string, readonly string[], Readonly<Record<string, Entry>>, boolean]>([
    ['is shared', ['f 755 0 0 3 fe 2 0 0 -- /tool'], both, true],
    ['has one more somewhere', ['f 755 0 0 4 fe 2 0 0 -- /tool'], both, false],
    ['is another file there', ['f 755 0 0 3 fe 3 0 0 -- /tool'], both, false],
    ['is on another file system', ['f 755 0 0 3 ff 2 0 0 -- /tool'], both, false],
    [
      'has another path there',
      ['f 755 0 0 2 fe 2 0 0 -- /tool'],
      { '/srv/b/other': shared },
      false,
    ],
    ['is in one of them', ['f 755 0 0 2 fe 2 0 0 -- /tool'], { '/srv/b/tool': shared }, true],
    [
      'has two names in each',
      ['f 755 0 0 4 fe 2 0 0 -- /tool', 'f 755 0 0 4 fe 2 0 0 -- /link'],
      { '/srv/b/tool': shared, '/srv/b/link': shared },
      true,
    ],
    [
      'is in homes',
      ['f 755 0 0 2 fe 2 0 0 -- /home/x/tool'],
      { '/srv/b/home/x/tool': shared },
      false,
    ],
    ["is somebody's", ['f 755 7 0 2 fe 2 0 0 -- /tool'], { '/srv/b/tool': shared }, false],
    ['is a socket', ['s 755 0 0 2 fe 2 0 0 -- /tool'], { '/srv/b/tool': shared }, false],
  ])('%s', ([, items, entries, isExplained]) => {
    const found = auditJudges.hardLinks(parseAudit(lines(...items), '/jail'));
    expect(found).toHaveLength(items.length);
    const left = notShared(readerOf(entries), found, ['/srv/b', '/srv/c']);
    expect(left).toEqual(isExplained ? [] : found);
  });
});

describe('the way to a jail', () => {
  const whole = { '/': {}, '/srv': {}, '/srv/web': {} };

  test.for<readonly [string, Readonly<Record<string, Entry>>, readonly string[]]>([
    ["root's", {}, []],
    ['a jail for all', { '/srv/web': { mode: 0o777 } }, ['/srv/web has mode 777']],
    ['a sticky jail', { '/srv/web': { mode: 0o1777 } }, ['/srv/web has mode 1777']],
    ['a parent for all', { '/srv': { mode: 0o777 } }, ['/srv has mode 777']],
    ['a sticky parent', { '/srv': { mode: 0o1777 } }, []],
    ["somebody's parent", { '/srv': { uid: 5 } }, ['/srv belongs to the UID 5']],
    ['a parent for a group', { '/srv': { mode: 0o775, gid: 5 } }, ['/srv has mode 775']],
    ['a parent for the group of root', { '/srv': { mode: 0o775 } }, []],
    ['a root for all', { '/': { mode: 0o777 } }, ['/ has mode 777']],
    [
      'a jail that is a symlink',
      { '/srv/web': { type: 'symlink', target: '/srv' } },
      ['/srv/web is a symlink'],
    ],
    [
      'a parent that is a symlink to what is open',
      {
        ...{ '/srv': { type: 'symlink', mode: 0o777, target: 'data/srv' }, '/data/srv': {} },
        ...{ '/data': { mode: 0o777 }, '/data/srv/web': {} },
      },
      ['/data has mode 777'],
    ],
    [
      'symlinks in a circle',
      { '/srv': { type: 'symlink', target: '/srv' } },
      ['/srv/web leads through too many symlinks'],
    ],
  ])('%s', ([, entries, ways]) => {
    expect(openWays(readerOf({ ...whole, ...entries }), '/srv/web')).toEqual(ways);
  });
});

describe('a file that is left in /tmp', () => {
  const found = (listing: string, removal: string) => {
    const says: Readonly<Record<string, string>> = {
      ...{ 'list-directory': listing, 'remove-file': removal },
    };
    const inside = ([name]: Action) => says[name] ?? 'done';
    const range = scriptedRange({ outside: () => 'done', inside });
    const host = { ...range.host, directory: '/run/nowhere', execute: async () => {} };
    return fileProbes.find(({ id }) => id === 'files/tmp-empty')?.attempt({ ...range, host });
  };

  test('is gone where the next run finds nothing', async () => {
    expect(await found('empty', 'ENOENT')).toMatchObject({ found: 'held' });
  });

  test('is found by its name where nobody may list the directory', async () => {
    expect(await found('EACCES', 'done')).toMatchObject({ found: 'broken' });
    await expect(found('EACCES', 'ENOENT')).rejects.toThrow('it came to EACCES');
  });
});

describe('the probes of files', () => {
  /** What jailctl itself does, which no change of a host takes away. */
  const ofJailctl = /^files\/(?:trap|copy)-/;

  test('each has a mutation that it must notice, but for those of what jailctl does', () => {
    const caught = new Set(fileMutations.flatMap(({ caughtBy }) => caughtBy));
    const missing = fileProbes.filter(({ id }) => !caught.has(id) && !ofJailctl.test(id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});
