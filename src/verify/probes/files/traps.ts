import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Canary, Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { isChroot, ownName, roomIn, roomOutside } from '../common.ts';

/*
 * What root does where a tenant could write (CWE-59, CWE-61). The real homes are left alone: the
 * steps of apply, destroy and exec are carried out on a small tree that is made for it, in which a
 * process with the UID of the tenant has laid its traps.
 */

interface Trap {
  /** Like a jail: with /home, and the home of the user. */
  readonly tree: string;
  readonly home: string;
  /** In the home: a symlink to `canary`. */
  readonly link: string;
  /** In the home: a symlink to a directory of root's, with a file in it. */
  readonly directoryLink: string;
  readonly victim: string;
  readonly canary: Canary;
  /** The tenant's own file outside, which has a second name in the home. */
  readonly linked: Canary;
  readonly secondName: string;
  readonly fifo: string;
}

async function layTrap(range: Range): Promise<Trap> {
  const { host, user } = range;
  const tree = await roomOutside(range, 0);
  const home = `${tree}/home/${user.name}`;
  const made = { op: 'makeDirectory', mode: 0o755 } as const;
  await host.execute({ ...made, path: `${tree}/home`, uid: 0, gid: 0 });
  await host.execute({ ...made, path: home, uid: user.uid, gid: user.uid });
  const victimDirectory = await roomOutside(range, 0);
  const victim = `${victimDirectory}/file`;
  await host.outside(['keep-file', victim, 'victim']);
  const canary = host.canary();
  const linked = host.canary({ owner: user.uid });
  const plant = async (...words: readonly string[]) => {
    const answer = await host.outside(['plant', ...words], { as: user.uid });
    if (answer.outcome !== 'done') throw new Error(`no ${words[0]}: ${outcomeText(answer)}`);
  };
  const trap = {
    ...{ tree, home, victim, canary, linked },
    link: `${home}/link`,
    directoryLink: `${home}/directory-link`,
    secondName: `${home}/second-name`,
    fifo: `${home}/fifo`,
  };
  await plant('symlink', trap.link, canary.path);
  await plant('symlink', trap.directoryLink, victimDirectory);
  await plant('link', trap.secondName, linked.path);
  await plant('fifo', trap.fifo);
  await plant('directory', `${home}/below`);
  await plant('symlink', `${home}/below/up`, '../../../..');
  return trap;
}

/** Does such a trap catch a careless root? One that is laid for it alone. */
async function catches(range: Range): Promise<boolean> {
  const { link, canary, directoryLink, victim } = await layTrap(range);
  const { host } = range;
  await host.outside(['write-file', link, 'x']);
  await host.outside(['remove-file', `${directoryLink}/file`]);
  return !canary.isUntouched() && host.reader.lstat(victim) === undefined;
}

const harmless = noControl('a careless root is not caught either, outside');

/** What of the outside has changed. */
function harm(range: Range, { canary, linked, victim }: Trap): readonly string[] {
  return [
    ...(canary.isUntouched() ? [] : ['the file behind the symlink was changed']),
    ...(linked.isUntouched() ? [] : ['the file with a second name was changed']),
    ...(range.host.reader.readText(victim) === 'victim'
      ? []
      : ['the file in the directory behind the symlink was changed']),
  ];
}

async function clean(
  range: Range,
  what: string,
  act: (trap: Trap) => Promise<readonly string[]>,
): Promise<Finding> {
  if (!(await catches(range))) return harmless;
  const trap = await layTrap(range);
  const problems = [...(await act(trap)), ...harm(range, trap)];
  if (problems.length > 0) return broken(problems.join(', '));
  return held(`${what}; the canaries outside are untouched, and a careless root is caught`);
}

const gain = 'any file of the host, changed or removed by root';
const remedy =
  'root must not follow names that a tenant can change: O_NOFOLLOW, openat(2) by descriptor, and trees moved away before they are removed; update jailctl';
const shared = {
  ...{ severity: 'critical', layer: 'steps by descriptor, which follow no link' },
  expected: 'nothing outside is changed',
  control: 'a root that follows the same links changes what they lead to',
  ...{ gain, remedy },
  moot: ({ isForeign }) =>
    isForeign ? "the jail is not jailctl's, which neither changes nor destroys it" : undefined,
} as const satisfies Partial<Probe>;

const destroy: Probe = {
  id: 'files/trap-destroy',
  title: 'lays symlinks, a hard link and a FIFO in a home, and has it destroyed',
  ...shared,
  attempt: (range) =>
    clean(range, 'removed', async ({ tree, home }) => {
      const { host } = range;
      const scratch = await roomOutside(range, 0, 0o700);
      await host.execute({ op: 'removeTrees', paths: [home], scratch });
      const isLeft = host.reader.lstat(home) !== undefined;
      return isLeft ? [`${tree} still has the home`] : [];
    }),
};

const emptyHome: Probe = {
  id: 'files/trap-clean-home',
  title: 'lays symlinks, a hard link and a FIFO in a home, and has it emptied after a run',
  ...shared,
  attempt: (range) =>
    clean(range, 'emptied', async ({ tree, home }) => {
      await range.host.emptyHome(tree, range.user);
      const left = range.host.reader.list(home) ?? [];
      return left.length === 0 ? [] : [`left in the home: ${left.join(', ')}`];
    }),
};

const apply: Probe = {
  id: 'files/trap-apply',
  title: 'lays symlinks and a FIFO where apply sets modes and places files',
  ...shared,
  attempt: (range) =>
    clean(
      range,
      'refused, or put in the place of the link',
      async ({ link, fifo, directoryLink, secondName }) => {
        const { host, user } = range;
        const attributes = {
          op: 'setAttributes',
          mode: 0o600,
          uid: user.uid,
          gid: user.uid,
        } as const;
        const followed: string[] = [];
        for (const path of [link, directoryLink]) {
          const isDone = await host.execute({ ...attributes, path }).then(
            () => true,
            () => false,
          );
          if (isDone) followed.push(`the mode was set through ${path}`);
        }
        // Opening it must not wait for a reader.
        await host.execute({ ...attributes, path: fifo });
        const scratch = await roomOutside(range, 0, 0o700);
        await host.execute({
          ...{ op: 'writeFile', mode: 0o644, base64: btoa('placed') },
          to: { path: link, temporary: `${scratch}/new` },
        });
        // Its number of links is as it was made.
        await host.outside(['remove-file', secondName], { as: user.uid });
        return followed;
      },
    ),
};

interface CopyOut {
  readonly text: string | undefined;
  readonly error: string | undefined;
}

/** Runs something that leaves something, which is then copied out of the jail. */
async function copyOut(
  range: Range,
  action: (path: string) => readonly [string, ...string[]],
): Promise<CopyOut> {
  const from = `${roomIn(range)}/${ownName()}`;
  const to = `${range.host.directory}/${crypto.randomUUID()}`;
  const answer = await range.inside(action(from), { copyOut: [{ from, to }] });
  requireOutcome(answer, 'in the jail');
  if (answer.outcome !== 'done') throw new Error(`nothing was left: ${outcomeText(answer)}`);
  const copied = answer.result.copiedOut.find((copy) => copy.from === from);
  return {
    text: range.host.reader.readText(to),
    error: copied !== undefined && 'error' in copied ? copied.error : undefined,
  };
}

const noCopies = (subject: Range['subject']) =>
  isChroot(subject) ? 'this engine copies no files' : undefined;

const copyTexts = {
  layer: 'files are opened by process 1 of the run, with the rights of the tenant',
  moot: noCopies,
} as const;

const copyOutLink: Probe = {
  id: 'files/copy-out-link',
  title: 'leaves a symlink to a file of the host where a result is to be copied out',
  ...{ ...copyTexts, severity: 'critical', expected: 'the copy fails' },
  control: 'root reads the file by such a symlink outside',
  gain: 'every file of the host that root can read',
  remedy: 'open results inside the jail, as the tenant; update jailctl',
  attempt: async (range) => {
    const canary = range.host.canary({ mode: 0o600 });
    const room = await roomOutside(range, 0);
    const control = await range.host.outside(['read-by-link', room, canary.path]);
    if (control.facts.get('text') !== canary.text) return harmless;
    const { text, error } = await copyOut(range, (path) => ['plant', 'symlink', path, canary.path]);
    if (text?.includes(canary.text)) return broken('the file of the host was copied');
    if (text !== undefined) return broken(`something was copied: ${text.slice(0, 40)}`);
    if (error === undefined) throw new Error('the result says nothing of the copy');
    return held(`not copied: ${error}`);
  },
};

const copyOutFifo: Probe = {
  id: 'files/copy-out-fifo',
  title: 'leaves a FIFO where a result is to be copied out, to have jailctl wait for ever',
  ...{ ...copyTexts, severity: 'medium', expected: 'the copy fails at once' },
  control: 'cat(1) waits at such a FIFO outside, and a file is copied out',
  gain: 'a run that never ends, and jailctl with it',
  remedy: 'open results with O_NONBLOCK, and take regular files only; update jailctl',
  attempt: async (range) => {
    const fifo = `${await roomOutside(range, 0)}/fifo`;
    await range.host.outside(['plant', 'fifo', fifo]);
    const waited = await range.host.tool(['timeout', '0.1', 'cat', '--', fifo]);
    const file = await copyOut(range, (path) => ['keep-file', path, 'result']);
    if (waited.exitCode !== 124 || file.text !== 'result') return harmless;
    const { text, error } = await copyOut(range, (path) => ['plant', 'fifo', path]);
    if (text !== undefined || error === undefined) return broken('a FIFO was copied');
    return held(`not copied: ${error}`);
  },
};

/** A symlink in its home, and a run that gets a file copied in at the same path. */
async function copyOverLink(range: Range, path: string, target: string, from: string) {
  try {
    const planted = await range.inside(['plant', 'symlink', path, target], { home: 'keep' });
    if (planted.outcome !== 'done') throw new Error(`no symlink: ${outcomeText(planted)}`);
    const options = { home: 'keep', copyIn: [{ from, to: path }] } as const;
    return await range.inside(['read-file', path], options);
  } finally {
    await range.inside(['remove-file', path], { home: 'keep', toTheEnd: true });
  }
}

const copyInLink: Probe = {
  id: 'files/copy-in-link',
  title: 'leaves a symlink in its home where the next run gets a file copied in',
  ...{ ...copyTexts, severity: 'critical', expected: 'the file outside is untouched' },
  control: 'root writes over the file by such a symlink outside',
  gain: 'every file of the host, written by root',
  remedy: 'make files inside the jail, as the tenant; update jailctl',
  attempt: async (range) => {
    if (!(await catches(range))) return harmless;
    const canary = range.host.canary();
    const source = range.host.canary();
    const path = `/home/${range.user.name}/${ownName()}`;
    const copied = await copyOverLink(range, path, canary.path, source.path);
    if (!canary.isUntouched()) return broken('the file of the host was written over');
    const isPlaced = copied.facts.get('text') === source.text;
    if (isPlaced) return held('untouched; the file was put in the place of the symlink');
    if (copied.result.status !== 'sandbox_error') {
      throw new Error(`nothing was copied in: ${outcomeText(copied)}, ${copied.result.message}`);
    }
    return held(`untouched; no run: ${copied.result.message}`);
  },
};

export const trapProbes: readonly Probe[] = [
  destroy,
  emptyHome,
  apply,
  copyOutLink,
  copyOutFifo,
  copyInLink,
];
