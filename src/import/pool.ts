import { allowedUids, defaultUids } from '../manifest/uids.ts';
import type { UidRange } from '../model/uid-range.ts';

/** A pool smaller than this is used up soon. */
const usefulCount = 100;

function holds(pool: UidRange, id: number): boolean {
  return id >= pool.first && id <= pool.last;
}

/** The parts of a range between IDs that are taken. */
function gaps(range: UidRange, taken: readonly number[]): readonly UidRange[] {
  const inside = [...new Set(taken)].filter((id) => holds(range, id)).sort((a, b) => a - b);
  const edges = [range.first - 1, ...inside, range.last + 1];
  return edges
    .slice(1)
    .map((edge, index) => ({ first: (edges[index] ?? 0) + 1, last: edge - 1 }))
    .filter(({ first, last }) => last >= first);
}

function count({ first, last }: UidRange): number {
  return last - first + 1;
}

/**
 * A pool for new users, which holds those that are there as far as a pool may: most UIDs that
 * useradd(8) gave lie below. Nobody else is in it, for the whole pool is cut from the network.
 * @param found the UIDs of the users that become jailctl's
 * @param foreign IDs of everybody else
 */
export function choosePool(found: readonly number[], foreign: readonly number[]): UidRange {
  const fitting = found.filter((uid) => holds(allowedUids, uid));
  const wide = {
    first: Math.min(defaultUids.first, ...fitting),
    last: Math.max(defaultUids.last, ...fitting),
  };
  const isFree = (pool: UidRange) => !foreign.some((id) => holds(pool, id));
  const usual = [wide, defaultUids].find(isFree);
  if (usual !== undefined) return usual;
  const useful = gaps(allowedUids, foreign).filter((gap) => count(gap) >= usefulCount);
  const held = (gap: UidRange) => fitting.filter((uid) => holds(gap, uid)).length;
  useful.sort((a, b) => held(b) - held(a) || count(b) - count(a));
  return useful[0] ?? defaultUids;
}
