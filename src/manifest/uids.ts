import { type Parsed, parsed, quote, refused } from '../model/problem.ts';
import type { UidRange } from '../model/uid-range.ts';

export const defaultUids: UidRange = { first: 70_000, last: 89_999 };

/**
 * Where a pool may lie. Debian Policy 9.2.2: 0-59999 are the system and ordinary accounts,
 * 60000-65535 are reserved (65534 is nobody, 65535 was -1 once); from 65536 ids are free. From
 * 100000 login.defs(5) gives out subordinate ids (SUB_UID_MIN), and from 524288 systemd takes ids
 * for containers (https://systemd.io/UIDS-GIDS).
 */
export const allowedUids: UidRange = { first: 65_536, last: 99_999 };

/** Reads `70000-89999`. */
export function parseUids(text: string): Parsed<UidRange> {
  const match = /^([0-9]{1,10})-([0-9]{1,10})$/.exec(text);
  if (match === null) {
    return refused(
      'bad-uids',
      `uids is ${quote(text)}, which is not a first and a last id`,
      'write a range: 70000-89999',
    );
  }
  const range = { first: Number(match[1]), last: Number(match[2]) };
  if (range.first > range.last) {
    return refused(
      'bad-uids',
      `uids is ${quote(text)}, a range that ends before it starts`,
      `write ${range.last}-${range.first}`,
    );
  }
  const others = foreignUids(range);
  if (others !== undefined) {
    return refused(
      'uids-reserved',
      `uids is ${text}, but ${others}`,
      `take a range inside ${allowedUids.first}-${allowedUids.last}, such as ${defaultUids.first}-${defaultUids.last}`,
    );
  }
  return parsed(range);
}

export function uidCount(range: UidRange): number {
  return range.last - range.first + 1;
}

function foreignUids(range: UidRange): string | undefined {
  if (range.first < 60_000) return '0-59999 are for the system and ordinary accounts';
  if (range.first < allowedUids.first) return '60000-65535 are reserved by the system';
  if (range.last > allowedUids.last) return '100000 and above are for subordinate ids';
  return undefined;
}
