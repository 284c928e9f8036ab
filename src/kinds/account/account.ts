import type { Address } from '../../model/address.ts';
import type { AccountEdits } from '../../model/step.ts';

export type AccountFile = keyof AccountEdits['expected'];

export const accountFiles = ['passwd', 'group', 'shadow', 'gshadow'] as const;

/** A group that is not the user's own and that lists it: the user has the group's rights. */
export interface Membership {
  readonly group: string;
  /** The group's entries as they are; null where the file has none. */
  readonly groupText: string | null;
  readonly gshadowText: string | null;
}

/** What the account files say under one user's name. */
export interface Account {
  readonly name: string;
  readonly jail: string;
  /** The UID that jailctl gave, and the GID of the private group. */
  readonly uid: number;
  /**
   * The entries as they stand, several of one name joined by `\n`; null where the file has none.
   * A host without shadow or gshadow has no such member, and gets no such file.
   */
  readonly entries: {
    readonly passwd: string | null;
    readonly group: string | null;
    readonly shadow?: string | null;
    readonly gshadow?: string | null;
  };
  readonly memberships: readonly Membership[];
  /**
   * The UID that passwd gives the user now, when it is another than `uid` and nobody else's: the
   * user's processes may run under it.
   */
  readonly strayUid?: number;
}

export function accountAddress(name: string): Address {
  return `account/${name}`;
}

/** What jailctl writes in the GECOS field; it tells whose the account is. */
export function gecosOf(jail: string): string {
  return `jailctl jail ${jail}`;
}

/** passwd(5): name, password, UID, GID, GECOS, home, shell. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

/** group(5) and gshadow(5): the members are field 4 of both; field 3 is a GID or administrators. */
export interface GroupEntry {
  readonly name: string;
  readonly third: string;
  readonly members: readonly string[];
}

function fieldsOf(line: string): readonly string[] {
  return line.trim().split(':');
}

/** A list of names, `a,b`; none is the empty text. */
export function namesIn(field: string): readonly string[] {
  return field.split(',').filter((name) => name !== '');
}

/** A UID or GID; NaN for what is none, which equals nothing. */
export function parseId(field: string): number {
  return /^\d+$/.test(field) ? Number(field) : Number.NaN;
}

export function parsePasswd(line: string): PasswdEntry {
  const [name = '', , uid = '', gid = '', gecos = '', home = '', shell = ''] = fieldsOf(line);
  return { name, uid: parseId(uid), gid: parseId(gid), gecos, home, shell };
}

export function parseGroup(line: string): GroupEntry {
  const [name = '', , third = '', members = ''] = fieldsOf(line);
  return { name, third, members: namesIn(members) };
}
