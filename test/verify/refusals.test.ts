import { describe, expect, test } from 'vitest';
import { fileProbes } from '../../src/verify/probes/files.ts';
import { networkProbes } from '../../src/verify/probes/network.ts';
import { privilegeProbes } from '../../src/verify/probes/privilege.ts';
import type { Action, Range } from '../../src/verify/range.ts';
import { type Says, scriptedRange } from './scripted.ts';

const probes = [...fileProbes, ...networkProbes, ...privilegeProbes];

function attempt(id: string, outside: Says, inside: Says) {
  const range = scriptedRange({ outside, inside });
  const reader = { readText: () => '' };
  const host = { ...range.host, reader, directory: '/run/nowhere', execute: async () => {} };
  const sibling = () => ({ name: 'web2', uid: 70001 });
  const probe = probes.find((one) => one.id === id);
  return probe?.attempt({ ...range, host, sibling } as unknown as Range);
}

describe('a file of others', () => {
  let kept = '';
  const inSibling = (outcome: string) =>
    attempt(
      'files/home-of-sibling',
      () => `text ${kept}\noutcome done\n`,
      ([name, , text = '']: Action) => {
        if (name === 'keep-file') kept = text;
        return name === 'read-file' ? outcome : 'done';
      },
    );
  const marker = (...words: readonly string[]) =>
    attempt(
      'files/marker',
      () => 'done',
      () =>
        [...words.map((word) => `refused ${word} /x`), `outcome ${words.at(-1)}`, ''].join('\n'),
    );

  test('is out of reach when its path or its mode refuses it', async () => {
    expect(await inSibling('ENOENT')).toMatchObject({ found: 'held' });
    expect(await inSibling('EACCES')).toMatchObject({ found: 'held' });
    expect(await marker('ENOENT', 'EACCES', 'ENOENT')).toMatchObject({ found: 'held' });
  });

  test('may be within reach where something else stopped the attempt', async () => {
    await expect(inSibling('EMFILE')).rejects.toThrow('EMFILE');
    await expect(inSibling('done')).rejects.toThrow('done');
    // Of one path of several, too.
    await expect(marker('ENOENT', 'EIO', 'ENOENT')).rejects.toThrow('EIO');
    await expect(marker('ENOENT')).rejects.toThrow('ENOENT');
  });
});

describe('a socket', () => {
  const netlink = (...words: readonly string[]) => {
    const said = (list: readonly string[]) =>
      [...list.map((word, at) => `socket-${at} ${word}`), 'outcome done', ''].join('\n');
    return attempt(
      'network/netlink',
      () => said(['done', 'done', 'done']),
      () => said(words),
    );
  };

  test('is refused by a filter or by the rights', async () => {
    expect(await netlink('ENOSYS', 'EPERM', 'EACCES')).toMatchObject({ found: 'held' });
    expect(await netlink('ENOSYS', 'done', 'EMFILE')).toMatchObject({ found: 'broken' });
    expect(await netlink('ENOSYS', 'EPERM', 'EPROTONOSUPPORT')).toMatchObject({ found: 'broken' });
  });

  test('is not refused by a full table, or when nothing was said of it', async () => {
    await expect(netlink('ENOSYS', 'EPERM', 'EMFILE')).rejects.toThrow('EMFILE');
    await expect(netlink('ENOSYS', 'EPERM')).rejects.toThrow('none');
  });
});

describe('a setuid program', () => {
  const planted = (...words: readonly string[]) =>
    attempt(
      'privilege/setuid-file',
      () => 'uid 70000 0 0 0\noutcome done\n',
      () => [...words.map((word, at) => `directory-${at} ${word}`), 'outcome done', ''].join('\n'),
    );
  const [nosuid, closed] = ['nosuid', 'EACCES'];

  test('is worth nothing where each place is mounted nosuid, or closed', async () => {
    expect(await planted(nosuid, nosuid, closed, 'ENOENT', 'EROFS', closed)).toMatchObject({
      found: 'held',
    });
    expect(await planted(nosuid, nosuid, 'suid', 'ENOSPC', closed, closed)).toMatchObject({
      found: 'broken',
    });
  });

  test('is not judged where the home is not, or a place was full', async () => {
    expect(await planted(closed, nosuid, nosuid, nosuid, closed, closed)).toMatchObject({
      found: 'no_control',
    });
    await expect(planted(nosuid, 'ENOSPC', closed, closed, closed, closed)).rejects.toThrow(
      'ENOSPC',
    );
    await expect(planted(nosuid)).rejects.toThrow('undefined');
  });
});

test('all audits of a verification judge one walk of the jail', async () => {
  const planted = ['4755 -- /setuid', '2755 -- /setgid', '755 k- /capability'];
  const audits = fileProbes.filter(({ id }) => /^files\/audit-(?:setuid|cap)/.test(id));
  const walks: string[] = [];
  const range = scriptedRange({
    outside: ([name, path = '']) => {
      if (name !== 'audit') return 'done';
      walks.push(path);
      const items = path.startsWith('/run/nowhere/') ? planted : [];
      const lines = items.map((item) => {
        const [mode, marks, file] = item.split(' ');
        return `item f ${mode} 0 0 1 fe 2 0 0 ${marks} ${path}${file}\n`;
      });
      return `${lines.join('')}entries 1\noutcome done\n`;
    },
    inside: () => 'done',
  });
  const verification = () => {
    const more = { directory: '/run/nowhere', execute: async () => {} };
    const host = { ...range.host, ...more, canary: () => ({ path: '/run/nowhere/canary' }) };
    const own = { ...range, host } as unknown as Range;
    return Promise.all(audits.map((one) => one.attempt(own)));
  };
  const held = { found: 'held', evidence: expect.stringContaining('1 entries of the jail') };
  expect(await verification()).toEqual([held, held]);
  expect(walks).toHaveLength(2);
  await verification();
  expect(walks).toHaveLength(4);
});
