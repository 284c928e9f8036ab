import type { Answer } from '../../../model/probe-answer.ts';
import type { Range, Running } from '../../range.ts';
import { roomOutside } from '../common.ts';

/**
 * A process with the user's UID outside of the jail, to be attacked. Its root directory is an empty
 * one: another process of that UID, in a jail of plain chroot, may trace it just as well.
 * @param mark something to find it by in its command line
 */
export async function startVictim(range: Range, mark?: string): Promise<Running<Answer>> {
  const root = await roomOutside(range, 0);
  const action = ['victim', ...(mark === undefined ? [] : [mark])] as const;
  return range.host.startOutside(action, { as: range.user.uid, root });
}
