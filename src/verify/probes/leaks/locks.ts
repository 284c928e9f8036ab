import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { InsideAnswer, Range, Subject } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';

/** Somebody who may see a lock, and how it tries to. */
interface Watcher {
  readonly name: string;
  look(path: string): Promise<InsideAnswer>;
}

/**
 * Locks, and has somebody else find it locked.
 * @param shared a file of the jail that the other one may have, too
 */
async function seesLock(range: Range, shared: string, watcher: Watcher): Promise<Finding> {
  const { host, user } = range;
  const { path } = host.canary();
  {
    await using _outside = await host.startOutside(['lock', path, 'hold'], { as: user.uid });
    const seen = await host.outside(['lock', path], { as: user.uid });
    if (seen.outcome !== 'EAGAIN') return noControl(`outside it is not seen: ${outcomeText(seen)}`);
  }
  await using holder = await range.startInside(['lock', shared, 'hold']);
  const seen = await watcher.look(shared);
  requireOutcome(seen, `in the jail (${seen.result.message})`);
  const end = await holder.end();
  if (end.outcome !== 'done') return held(`${outcomeText(end)}: a run can't lock ${shared}`);
  if (seen.outcome === 'EAGAIN') return broken(`${watcher.name} sees a lock on ${shared}`);
  return held(`${outcomeText(seen)} for ${watcher.name} while a run locks ${shared}`);
}

function fileLock(range: Range): Promise<Finding> {
  const user = range.sibling();
  const look = (path: string) => range.inside(['lock', path], { user });
  return seesLock(range, '/etc/passwd', { name: user.name, look });
}

/** A tool of both jails, which they may share. */
async function fileLockOfJail(range: Range): Promise<Finding> {
  const { reader } = range.host;
  const { jail, user, inside } = range.neighbour();
  const tools = '/usr/bin';
  const names = reader.list(`${range.subject.jail.path}${tools}`) ?? [];
  const isFile = (root: string, name: string) =>
    reader.lstat(`${root}${tools}/${name}`)?.type === 'file';
  const common = names.find((name) =>
    [range.subject.jail, jail].every(({ path }) => isFile(path, name)),
  );
  if (common === undefined) return noControl(`jail ${jail.name} has no tool that this one has`);
  return seesLock(range, `${tools}/${common}`, {
    name: `${user.name} of jail ${jail.name}`,
    look: (path) => inside(['lock', path]),
  });
}

const lockTexts = {
  severity: 'low',
  layer: 'none: a file that both may read',
  expected: 'no EAGAIN from flock(2)',
  control: 'outside the jail, one process sees the lock of another',
  alone: true,
  gain: 'two users that work together tell each other bits, slowly; no rights come of it',
} as const;

/** gVisor keeps the locks of its programs to itself. */
const weakLocks =
  (why: string) =>
  ({ engine }: Subject): string | undefined =>
    engine === 'runsc' ? undefined : why;

/** Locks on files, which are no namespace's: what sees the file sees them. */
export const lockProbes: readonly Probe[] = [
  {
    ...lockTexts,
    id: 'leaks/file-lock',
    title: 'sees a lock that another user of the jail has on a shared file',
    needs: 'sibling',
    weakOn: weakLocks('whoever may read a file may lock it: a known side channel'),
    remedy: 'one jail for each of those who must not talk, on a file system with reflinks',
    attempt: fileLock,
  },
  {
    ...lockTexts,
    id: 'leaks/file-lock-of-jail',
    title: 'sees a lock that a user of another jail has on a file of both',
    needs: 'neighbour',
    weakOn: weakLocks('jails share files by hard links here: a known side channel'),
    remedy:
      'jails on a file system with reflinks (btrfs, xfs), or each on one of its own: a lock crosses no copy',
    attempt: fileLockOfJail,
  },
];
