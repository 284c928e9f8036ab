import { initInJail, keptHome } from '../../../run/bundle.ts';
import { compare, outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { homeIn, isChroot, ownName, roomIn, roomOutside } from '../common.ts';

/** How the probe program tries each file of a tree (native/probe/files-tree.c). */
type Way = 'open' | 'create' | 'remove' | 'link' | 'mode';

/** Where a user may write, and what belongs to the kernel: other groups of probes look there. */
function outsideOfTree(range: Range): readonly string[] {
  return [homeIn(range), keptHome, '/tmp', '/dev/shm', '/dev/mqueue', '/proc', '/sys'];
}

const refusals = new Set(['EROFS', 'EACCES', 'EPERM', 'EXDEV']);

/** Tries all that is in the jail, and in the control a directory that is the user's own. */
async function tryTree(range: Range, way: Way): Promise<Finding> {
  const { uid } = range.user;
  const room = await roomOutside(range, uid);
  await range.host.outside(['keep-file', `${room}/${ownName()}`, 'text'], { as: uid });
  const place = await roomOutside(range, uid);
  const control = await range.host.outside(['try-tree', way, place, room], { as: uid });
  requireOutcome(control, 'outside the jail');
  if (control.outcome !== 'done') {
    return noControl(`its own files, outside, refuse it as well: ${outcomeText(control)}`);
  }
  const answer = await range.inside([
    ...(['try-tree', way, roomIn(range), '/'] as const),
    ...outsideOfTree(range),
  ]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const { outcome, facts, output } = answer;
  if (outcome === 'done') {
    const names = [...output.matchAll(/^allowed (.*)$/gm)].map(([, name]) => name);
    return broken(`allowed for ${facts.get('allowed-count')}: ${names.slice(0, 5).join(', ')}`);
  }
  const tried = Number(facts.get('tried'));
  if (facts.has('cut')) return noControl(`too much or too deep: only ${tried} were tried`);
  if (tried === 0) return held('the jail has nothing that it could be tried on');
  if (!refusals.has(outcome)) throw new Error(`in the jail it came to ${outcomeText(answer)}`);
  return held(`refused for all ${tried} that were tried: ${outcome}`);
}

interface TreeAttack {
  readonly way: Way;
  readonly id: string;
  readonly title: string;
  readonly severity: Probe['severity'];
  readonly gain: string;
  readonly remedy: string;
}

const ownership =
  'all but homes and /tmp belongs to root and is writable for nobody else, and is mounted read-only';

const attacks: readonly TreeAttack[] = [
  {
    way: 'open',
    id: 'files/write-over',
    title: 'opens every file of the jail for writing, but for its home and /tmp',
    severity: 'critical',
    gain: 'programs and libraries that other users of the jail, or root, run next',
    remedy:
      'chown root and chmod go-w what is named; in a jail of jailctl, `jailctl apply` does it',
  },
  {
    way: 'create',
    id: 'files/create',
    title: 'makes a file in every directory of the jail, but for its home and /tmp',
    severity: 'high',
    gain: "a place for /etc/ld.so.preload, for modules of other users' programs, and for leaving things",
    remedy: 'chown root and chmod go-w the directories that are named',
  },
  {
    way: 'remove',
    id: 'files/remove',
    title: 'asks for the right to unlink and rename every entry of the jail',
    severity: 'high',
    gain: 'other programs in the place of those that it removes',
    remedy: 'chown root and chmod go-w the directories that hold what is named',
  },
  {
    way: 'link',
    id: 'files/link-over',
    title: 'makes a second name of every file of the jail in its own directory',
    severity: 'medium',
    gain: 'old versions of programs that outlive their update, and files of others kept from removal',
    remedy: 'sysctl fs.protected_hardlinks=1; a file system of its own for homes',
  },
  {
    way: 'mode',
    id: 'files/change-mode',
    title: 'sets the mode of everything in the jail, its root directory too',
    severity: 'high',
    gain: 'the right to write, by giving it to itself',
    remedy: 'chown root what is named: an owner can always change the mode',
  },
];

function treeProbe({ way, ...attack }: TreeAttack): Probe {
  return {
    ...attack,
    layer: 'read_only_root',
    expected: `refused for all: ${ownership}`,
    control: 'the same user may do it with files of its own, outside the jail',
    attempt: (range) => tryTree(range, way),
  };
}

const programGain =
  'root of the host, when the file is one that root starts for the next run (CVE-2019-5736)';

const ownProgram: Probe = {
  id: 'files/own-program',
  title: 'opens the file of the program that it is for writing, by /proc/self/exe',
  ...{ severity: 'critical', layer: "mounted read-only, and root's", expected: 'EACCES or EROFS' },
  control: 'root may, outside the jail',
  gain: programGain,
  remedy: 'programs of the host that are run in jails belong to root, mode 0755, mounted read-only',
  attempt: (range) =>
    compare(range, {
      attempt: ['open-any', 'write', '/proc/self/exe', 'self'],
      controlAs: 'root',
      // The last one, which is there on every engine.
      refusals: ['EACCES', 'EROFS', 'EPERM'],
    }),
};

const firstProgram: Probe = {
  id: 'files/first-program',
  title: "opens the file of process 1, which is one of the host's, for writing",
  ...{ severity: 'critical', layer: "mounted read-only, and root's", expected: 'EACCES or EROFS' },
  control: 'root may write to its own process 1, outside the jail',
  gain: programGain,
  remedy: 'mount the first program read-only, and have it belong to root with mode 0755',
  moot: (subject) =>
    isChroot(subject) ? 'with this engine no program of the host is in the jail' : undefined,
  attempt: (range) =>
    compare(range, {
      attempt: ['open-any', 'write', '/proc/1/exe', initInJail, `/proc/1/root${initInJail}`],
      controlAs: 'root',
      refusals: ['EACCES', 'EROFS', 'EPERM', 'ENOENT'],
    }),
};

export const treeProbes: readonly Probe[] = [ownProgram, firstProgram, ...attacks.map(treeProbe)];
