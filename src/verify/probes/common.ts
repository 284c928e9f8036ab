import type { Answer } from '../../model/probe-answer.ts';
import type { Range, Subject } from '../range.ts';

export const kib = 2 ** 10;
export const mib = 2 ** 20;

/** A number that the probe program said. @throws Error when it did not */
export function numberOf({ facts }: Answer, name: string): number {
  const value = Number(facts.get(name) ?? Number.NaN);
  if (Number.isNaN(value)) throw new Error(`the probe program did not say ${name}`);
  return value;
}

export function isChroot({ engine }: Subject): boolean {
  return engine === 'chroot';
}

/** For `weakOn`: why chroot is known not to stop it, and only that. */
export function onChroot(why: string): (subject: Subject) => string | undefined {
  return (subject) => (isChroot(subject) ? why : undefined);
}

export const withoutFilter = onChroot('the engine chroot filters only the system calls for keys');

/** A name that nobody else has. */
export function ownName(): string {
  return `.jailctl-probe-${crypto.randomUUID()}`;
}

export function homeIn({ user }: Pick<Range, 'user'>): string {
  return `/home/${user.name}`;
}

/** A directory of the jail where the user may write. Plain chroot gives it no /tmp of its own. */
export function roomIn(range: Range): string {
  return isChroot(range.subject) ? homeIn(range) : '/tmp';
}

/** A path that nobody has where the user may write in the jail. */
export function placeIn(range: Range): string {
  return `${roomIn(range)}/${ownName()}`;
}

/**
 * A new directory of the host for a control; it goes with the verification.
 * @param owner UID and GID
 */
export async function roomOutside(range: Range, owner: number, mode = 0o755): Promise<string> {
  const path = `${range.host.directory}/${crypto.randomUUID()}`;
  await range.host.execute({ op: 'makeDirectory', path, mode, uid: owner, gid: owner });
  return path;
}

/** As `placeIn`, on the host, for the control. */
export async function placeOutside(range: Range): Promise<string> {
  return `${await roomOutside(range, range.user.uid, 0o700)}/probe`;
}
