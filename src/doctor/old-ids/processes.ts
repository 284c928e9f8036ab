import { readProcesses } from '../../kinds/processes.ts';
import { plural } from '../../model/numbers.ts';
import { commandText } from '../../model/shell-text.ts';
import { type Check, type Finding, someOf } from '../check.ts';
import { isIn, type OldIds } from './old-ids.ts';

function oldIdOf(oldIds: OldIds, uids: readonly number[], gids: readonly number[]) {
  const uid = uids.find((one) => isIn(oldIds.uids, one));
  if (uid !== undefined) return `UID ${uid}`;
  const gid = gids.find((one) => isIn(oldIds.gids, one));
  return gid === undefined ? undefined : `GID ${gid}`;
}

/** A process can be traced and ended by whoever gets its UID next, and the other way round. */
export const processesCheck: Check = {
  id: 'old-ids-processes',
  title: 'processes of IDs that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) => {
    const old = Map.groupBy(readProcesses(reader), ({ uids, gids }) => oldIdOf(oldIds, uids, gids));
    return [...old].flatMap(([who, processes]): readonly Finding[] => {
      if (who === undefined) return [];
      const pids = processes.map(({ pid }) => pid);
      return [
        {
          status: 'problem',
          message: `${plural(pids.length, 'process', 'processes')} of ${who}, which nobody has`,
          ...someOf(processes.map(({ pid, name }) => `${pid} ${name}`)),
          remedies: [
            { does: 'shows them', command: `ps -o pid,user,group,args -p ${pids.join(',')}` },
            { does: 'ends them', command: commandText(['kill', '-s', 'KILL', ...pids]) },
          ],
        },
      ];
    });
  },
};
