import { describe, expect, test } from 'vitest';
import { examine } from '../../src/doctor/examine.ts';
import { ipcCheck } from '../../src/doctor/old-ids/ipc.ts';
import { readOldIds } from '../../src/doctor/old-ids/old-ids.ts';
import { subIdsCheck } from '../../src/doctor/old-ids/sub-ids.ts';
import { textHost } from './host-of.ts';

describe('old IDs', () => {
  test('are those of the pool without those that an account or a group has', () => {
    const { oldIds } = textHost({});
    expect(oldIds).toEqual({
      pools: [{ first: 70000, last: 70009 }],
      uids: [
        { first: 70000, last: 70003 },
        { first: 70005, last: 70009 },
      ],
      // bob's own group has no entry, and is his all the same.
      gids: [
        { first: 70000, last: 70004 },
        { first: 70007, last: 70009 },
      ],
    });
  });

  test('of two pools are counted once', () => {
    const pools = [
      { first: 70000, last: 70005 },
      { first: 70003, last: 70007 },
    ];
    expect(readOldIds(textHost({}).reader, pools).pools).toEqual([{ first: 70000, last: 70007 }]);
  });
});

describe('System V IPC', () => {
  const header =
    '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime';
  const row = (id: number, ids: string) =>
    `         0 ${id}   644           0          0     0     0 ${ids}          0          0 1700000000`;

  test.for([
    ['its owner', '70003 0 0 0', 'UID 70003'],
    ['its maker', '0 0 70003 0', 'UID 70003'],
    ['its group', '0 70003 0 0', 'GID 70003'],
    ["its maker's group", '0 0 0 70003', 'GID 70003'],
  ] as const)('is old by %s', ([, ids, who]) => {
    const text = `${header}\n${row(7, ids)}\n${row(8, '0 0 70004 70006')}\n`;
    expect(ipcCheck.examine(textHost({ '/proc/sysvipc/msg': text }))).toEqual([
      {
        status: 'problem',
        message: `IPC objects of ${who}, which nobody has`,
        evidence: ['message queue 7'],
        more: 0,
        remedies: [
          { does: 'shows them', command: 'ipcs' },
          { does: 'removes them', command: 'ipcrm --queue-id 7' },
        ],
      },
    ]);
  });

  test('is well where there is none, or no table of it', () => {
    expect(ipcCheck.examine(textHost({ '/proc/sysvipc/msg': `${header}\n` }))).toEqual([]);
    expect(ipcCheck.examine(textHost({}))).toEqual([]);
  });
});

describe('subordinate IDs', () => {
  test.for([
    ['of the pool, at its end', 'alice:70009:10', 1],
    ['of the pool, at its start', 'alice:69991:10', 1],
    ['around the pool', 'alice:60000:65536', 1],
    ['of an old UID', '70003:100000:65536', 1],
    ['below the pool', 'alice:69990:10', 0],
    ['above the pool', 'alice:70010:10', 0],
    ['of a UID that somebody has', '70004:100000:65536', 0],
    ['of nobody: a comment', '# 70003', 0],
  ] as const)('%s', ([, line, found]) => {
    const findings = subIdsCheck.examine(textHost({ '/etc/subuid': `${line}\n` }));
    expect(findings).toHaveLength(found);
    for (const { remedies } of findings) {
      expect(remedies.map(({ command }) => command)).toEqual([
        `sed --in-place '/^${line}$/d' /etc/subuid`,
      ]);
    }
  });
});

test('a check is as bad as its worst finding', () => {
  type Status = 'info' | 'unknown' | 'warning' | 'problem';
  const finding = (status: Status) => ({
    ...{ status, message: 'x', evidence: [], more: 0, remedies: [] },
  });
  const check = (...found: readonly Status[]) => {
    return { id: 'x', title: 'x', examine: () => found.map(finding) };
  };
  const all = [
    ...[check(), check('info'), check('info', 'unknown'), check('unknown', 'warning', 'info')],
    check('warning', 'problem', 'warning'),
  ];
  expect(examine(textHost({}), all).map(({ status }) => status)).toEqual([
    ...['ok', 'info', 'unknown', 'warning', 'problem'],
  ]);
});
