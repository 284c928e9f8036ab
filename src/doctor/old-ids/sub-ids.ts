import type { Reader } from '../../model/reader.ts';
import { commandText } from '../../model/shell-text.ts';
import type { Check, Finding, Remedy } from '../check.ts';
import { isIn } from './old-ids.ts';

export const subIdFiles = ['/etc/subuid', '/etc/subgid'] as const;

/** subuid(5): `alice:100000:65536`. */
export interface SubIds {
  /** A name, or a UID. */
  readonly owner: string;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

export function subIdLines(reader: Reader, file: string): readonly SubIds[] {
  return (reader.readText(file) ?? '').split('\n').flatMap((line) => {
    const text = line.trim();
    const [owner = '', first, count] = text.split(':');
    if (owner === '' || first === undefined || count === undefined) return [];
    return [{ owner, first: Number(first), last: Number(first) + Number(count) - 1, text }];
  });
}

export function removalOf(file: string, { text }: SubIds): Remedy {
  return {
    does: 'takes them away',
    command: commandText(['sed', '--in-place', `/^${text}$/d`, file]),
  };
}

/**
 * Whoever has a range of subordinate IDs is all of them, in a user namespace. So nobody may have
 * those of jail users, and an old UID may have none: the next user would get them.
 */
export const subIdsCheck: Check = {
  id: 'old-ids-sub-ids',
  title: 'subordinate IDs',
  needsRoot: true,
  examine: ({ reader, oldIds }) =>
    subIdFiles.flatMap((file) =>
      subIdLines(reader, file).flatMap((line): readonly Finding[] => {
        const { owner, first, last } = line;
        const overlaps = oldIds.pools.some((pool) => first <= pool.last && last >= pool.first);
        const isOld = /^\d+$/.test(owner) && isIn(oldIds.uids, Number(owner));
        if (!overlaps && !isOld) return [];
        return [
          {
            status: 'problem',
            message: overlaps
              ? `${owner} may act as jail users: it has their IDs as subordinate ones`
              : `UID ${owner}, which nobody has, has subordinate IDs`,
            evidence: [`${file}: ${line.text}`],
            more: 0,
            remedies: [removalOf(file, line)],
          },
        ];
      }),
    ),
};
