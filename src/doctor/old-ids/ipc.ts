import type { Reader } from '../../model/reader.ts';
import { type Check, type Finding, someOf } from '../check.ts';
import { isIn, type OldIds } from './old-ids.ts';

/** The tables of System V IPC, with the column that names an object, and its option of ipcrm(1). */
const tables = [
  { table: 'shm', idColumn: 'shmid', noun: 'shared memory segment', option: '--shmem-id' },
  { table: 'msg', idColumn: 'msqid', noun: 'message queue', option: '--queue-id' },
  { table: 'sem', idColumn: 'semid', noun: 'semaphore set', option: '--semaphore-id' },
] as const;

type Row = Readonly<Record<string, number>>;

/** Each row by the names of its columns, which stand in the first line. */
function readTable(reader: Reader, table: string): readonly Row[] {
  const text = reader.readText(`/proc/sysvipc/${table}`) ?? '';
  const [names = [], ...rows] = text.split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter((row) => row.length === names.length)
    .map((row) => Object.fromEntries(row.map((value, index) => [names[index], Number(value)])));
}

/** The owner of an object has its rights, and so has its maker (sysvipc(7)). */
function oldIdOf({ uids, gids }: OldIds, row: Row): string | undefined {
  for (const [type, ranges, columns] of [
    ['UID', uids, ['uid', 'cuid']],
    ['GID', gids, ['gid', 'cgid']],
  ] as const) {
    const ids = columns.flatMap((column) => row[column] ?? []);
    const id = ids.find((one) => isIn(ranges, one));
    if (id !== undefined) return `${type} ${id}`;
  }
  return undefined;
}

/** POSIX objects are files, in /dev/shm and /dev/mqueue: the check of files finds them. */
export const ipcCheck: Check = {
  id: 'old-ids-ipc',
  title: 'System V IPC objects of IDs that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) => {
    const found = tables.flatMap(({ table, idColumn, noun, option }) =>
      readTable(reader, table).map((row) => ({
        who: oldIdOf(oldIds, row),
        text: `${noun} ${row[idColumn]}`,
        remove: `${option} ${row[idColumn]}`,
      })),
    );
    const byId = Map.groupBy(found, ({ who }) => who);
    return [...byId].flatMap(([who, objects]): readonly Finding[] => {
      if (who === undefined) return [];
      const command = `ipcrm ${objects.map(({ remove }) => remove).join(' ')}`;
      return [
        {
          status: 'problem',
          message: `IPC objects of ${who}, which nobody has`,
          ...someOf(objects.map(({ text }) => text)),
          remedies: [
            { does: 'shows them', command: 'ipcs' },
            { does: 'removes them', command },
          ],
        },
      ];
    });
  },
};
