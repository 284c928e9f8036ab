import { parseGroup, parseId, parsePasswd } from '../../kinds/account/account.ts';
import { readAccountTexts } from '../../kinds/account/texts.ts';
import { readRegister } from '../../kinds/jail/observe.ts';
import type { Reader } from '../../model/reader.ts';
import { type UidRange, uidRanges } from '../../model/uid-range.ts';

/**
 * The IDs that jail users get and that nobody has now. Whatever belongs to one of them is what a user
 * left who had it, or was put there since; the next user that gets it inherits it (NixOS/nixos#255).
 */
export interface OldIds {
  /** The pools of UIDs; a jail user's GID is its UID. */
  readonly pools: readonly UidRange[];
  readonly uids: readonly UidRange[];
  readonly gids: readonly UidRange[];
}

export function isIn(ranges: readonly UidRange[], id: number): boolean {
  return ranges.some(({ first, last }) => id >= first && id <= last);
}

function numbersIn(ranges: readonly UidRange[]): readonly number[] {
  return ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

/**
 * IDs of other accounts and groups are theirs, even inside a pool, and so is what belongs to them.
 * @param pools inclusive
 */
export function readOldIds(reader: Reader, pools: readonly UidRange[]): OldIds {
  const texts = readAccountTexts(reader);
  const accounts = [...texts.passwd.values()].flat().map(parsePasswd);
  const groups = [...texts.group.values()].flat().map(parseGroup);
  // An account that was deleted by hand comes back, with its UID, by the next apply.
  const users = [...readRegister(reader).values()].flatMap((jail) => jail.settings?.users ?? []);
  const given = users.map(({ uid }) => uid);
  const uidsHeld = new Set([...given, ...accounts.map(({ uid }) => uid)]);
  const gidsHeld = new Set([
    ...given,
    ...accounts.map(({ gid }) => gid),
    ...groups.map(({ third }) => parseId(third)),
  ]);
  const all = numbersIn(pools);
  return {
    pools: uidRanges(all),
    uids: uidRanges(all.filter((id) => !uidsHeld.has(id))),
    gids: uidRanges(all.filter((id) => !gidsHeld.has(id))),
  };
}
