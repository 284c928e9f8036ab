import { journalFiles, poolFile } from '../../model/host-paths.ts';
import type { Reader } from '../../model/reader.ts';
import type { UidRange } from '../../model/uid-range.ts';

/** What jailctl has to remember about the UIDs of jail users, as long as there are jails. */
export interface PoolRecord {
  /** The pool that the packet rules cover. */
  readonly uids: UidRange;
  /** Every UID of the pool below it was given at some time. */
  readonly nextUid: number;
}

/** The pool file's text. */
export function writePool({ uids, nextUid }: PoolRecord): string {
  const record = { format_version: '1.0', uids: `${uids.first}-${uids.last}`, next_uid: nextUid };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * What the journal remembers when the last jail, and the pool file with it, is gone: else its users'
 * UIDs would be given again at once. Lines that are none are passed over.
 * @returns the UID after the highest of `uids` that an account ever had; undefined when it knows none
 */
export function nextUidOfJournal(reader: Reader, { first, last }: UidRange): number | undefined {
  const given = journalFiles.flatMap((file) =>
    [...(reader.readText(file) ?? '').matchAll(/"uid":(\d+)/g)].map(([, uid]) => Number(uid)),
  );
  const inside = given.filter((uid) => uid >= first && uid <= last);
  return inside.length === 0 ? undefined : inside.reduce((a, b) => Math.max(a, b)) + 1;
}

/** @returns undefined where there is no pool file, or none that can be read: it is written anew */
export function readPool(reader: Reader): PoolRecord | undefined {
  const text = reader.readText(poolFile) ?? '';
  const [, first, last] = /"uids": "(\d+)-(\d+)"/.exec(text) ?? [];
  const nextUid = /"next_uid": (\d+)/.exec(text)?.[1];
  if (first === undefined || last === undefined || nextUid === undefined) return undefined;
  return { uids: { first: Number(first), last: Number(last) }, nextUid: Number(nextUid) };
}
