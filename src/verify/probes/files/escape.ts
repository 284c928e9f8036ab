import { compare, outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, InsideAnswer, Range, Running } from '../../range.ts';
import { beyond, broken, type Finding, held, noControl } from '../../verdict.ts';
import { isChroot, ownName, roomIn, roomOutside } from '../common.ts';
import { farUp, sharedSockets } from './places.ts';

const gain = 'every file of the host that its UID may read';
const remedy =
  'give the program a root of its own in a mount namespace: an OCI runtime as engine does; in a jail of other make, start it with bubblewrap or a runtime';

/** What a process of another user offers, and the user takes. */
async function takeOver(
  range: Range,
  start: (action: Action) => Promise<Running<InsideAnswer>>,
): Promise<Finding> {
  const canary = range.host.canary();
  const room = await roomOutside(range, 0);
  const up = `../${canary.path.slice(canary.path.lastIndexOf('/') + 1)}`;
  // In a network of its own: in that of the host, a tenant could take it, and leave its jail by it.
  const control = { isolated: true, as: range.user.uid };
  const taken = await range.host.outside(['hand-over', room, up], control);
  if (taken.facts.get('text') !== canary.text) {
    return noControl(`two processes outside can't do it either: ${outcomeText(taken)}`);
  }
  const name = ownName();
  await using _offer = await start(['offer-directory', name, '/', String(range.user.uid)]);
  const path = `${farUp}${canary.path.slice(1)}`;
  const answer = await range.inside(['take-directory', name, path]);
  requireOutcome(answer, 'in the jail');
  if (answer.facts.get('text') === canary.text) {
    const evidence = 'a directory was handed over, and a file of the host read by it';
    // An OCI runtime gives a run a root to which `..` leads, whatever it shares with others.
    return isChroot(range.subject) ? broken(evidence) : beyond(evidence);
  }
  if (answer.facts.has('taken')) return broken('a directory was handed over');
  if (answer.outcome === 'ECONNREFUSED') return held('ECONNREFUSED in the jail, done outside');
  throw new Error(`in the jail it came to ${outcomeText(answer)}`);
}

/** By a path, in the jail and outside. */
function byPath(id: string, title: string, path: (canary: string) => string): Probe {
  return {
    ...{ id, title, severity: 'critical', layer: 'mount_namespace', expected: 'ENOENT' },
    control: 'the same user reads it outside the jail',
    ...{ gain, remedy },
    attempt: (range) =>
      compare(range, {
        attempt: ['read-file', path(range.host.canary().path)],
        refusals: ['ENOENT'],
      }),
  };
}

const byLink: Probe = {
  id: 'files/symlink-out',
  title: 'reads a file outside the jail by a symlink that it makes itself',
  ...{ severity: 'critical', layer: 'mount_namespace', expected: 'ENOENT' },
  control: 'the same user does so outside the jail',
  ...{ gain, remedy },
  attempt: async (range) => {
    const { path } = range.host.canary();
    const room = await roomOutside(range, range.user.uid);
    return compare(range, {
      attempt: ['read-by-link', roomIn(range), path],
      control: ['read-by-link', room, path],
      refusals: ['ENOENT'],
    });
  },
};

const byChroot: Probe = {
  id: 'files/chroot-escape',
  title: 'leaves by a second chroot(2) below the first, and `..`',
  ...{ severity: 'critical', layer: 'no_capabilities', expected: 'EPERM, or ENOENT after it' },
  control: 'root leaves a chroot so, outside the jail',
  gain,
  remedy: 'run programs without CAP_SYS_CHROOT, and never as root: setpriv(1) drops capabilities',
  attempt: async (range) => {
    const { path } = range.host.canary();
    return compare(range, {
      attempt: ['escape-by-chroot', roomIn(range), path],
      control: ['escape-by-chroot', '/', path, await roomOutside(range, 0)],
      controlAs: 'root',
      // Where the root is one of a mount namespace, `..` ends there whatever chroot(2) does.
      refusals: ['EPERM', 'ENOENT'],
    });
  },
};

const bySibling: Probe = {
  id: 'files/directory-from-sibling',
  title: 'takes an open directory from another user of the jail, over an abstract socket',
  ...{ severity: 'high', layer: 'network_namespace', expected: 'ECONNREFUSED' },
  control: 'outside the jail two processes of the user do so, and go up from there',
  gain: 'files of the other user, handed over by an accomplice, past all modes',
  remedy:
    'each program needs a network namespace of its own: an OCI runtime as engine, `network: none`',
  needs: 'sibling',
  weakOn: sharedSockets,
  attempt: (range) => {
    const user = range.sibling();
    return takeOver(range, (action) => range.startInside(action, { user }));
  },
};

const byNeighbour: Probe = {
  id: 'files/directory-from-neighbour',
  title:
    'takes an open directory from another jail, over an abstract socket, and goes up from there',
  ...{ severity: 'critical', layer: 'network_namespace', expected: 'ECONNREFUSED' },
  control: 'outside the jail two processes of the user do so, and go up from there',
  gain: 'the whole file system of the host: `..` stops only at the own root',
  remedy:
    'each program needs a mount and a network namespace of its own: an OCI runtime as engine, `network: none`',
  needs: 'neighbour',
  weakOn: sharedSockets,
  attempt: (range) => {
    const other = range.neighbour();
    return takeOver(range, (action) => other.startInside(action));
  },
};

const descriptors: Probe = {
  id: 'files/descriptors',
  title: 'looks for descriptors that it was given by mistake: above 2, or of a directory',
  ...{ severity: 'critical', layer: "the engine closes what is not the program's" },
  expected: 'only 0, 1 and 2, and none a directory',
  control: 'a directory that is left open on purpose is found',
  gain: 'the host by a directory that was left open (CVE-2024-21626), pipes and sockets of jailctl',
  remedy: 'update the runtime; a starter of your own must open everything with O_CLOEXEC',
  attempt: (range) =>
    compare(range, {
      attempt: ['list-descriptors'],
      control: ['leak-directory', '/'],
      refusals: ['clean'],
    }),
};

const workingDirectory: Probe = {
  id: 'files/working-directory',
  title: 'asks whether its working directory is outside of its root',
  ...{ severity: 'critical', layer: 'mount_namespace', expected: 'a path below the root' },
  control: 'a root that is changed under a process leaves it in a directory outside',
  gain: 'the host by `..` (CVE-2024-21626)',
  remedy: 'update the runtime; after chroot(2), call chdir(2)',
  attempt: async (range) =>
    compare(range, {
      attempt: ['working-directory'],
      control: ['working-directory', await roomOutside(range, 0)],
      controlAs: 'root',
      refusals: ['below'],
    }),
};

const othersRoot: Probe = {
  id: 'files/root-of-other-process',
  title: 'follows /proc/PID/root and /proc/PID/cwd of a process of the same UID outside',
  ...{ severity: 'critical', layer: 'pid_namespace', expected: 'ENOENT, or EACCES at process 1' },
  control: 'the same user reads the file so outside the jail',
  gain,
  remedy: 'a PID namespace and a /proc of its own: an OCI runtime as engine; else no /proc at all',
  attempt: async (range) => {
    // Nothing but the file is there: others of the same UID may trace the process.
    const root = await roomOutside(range, 0);
    const path = `/${ownName()}`;
    await range.host.outside(['keep-file', `${root}${path}`, 'canary']);
    const as = range.user.uid;
    await using _other = await range.host.startOutside(['hold-process'], { as, root });
    // Waited for: the other process must be there until then.
    return await compare(range, {
      attempt: ['others-root', path],
      refusals: ['ENOENT', 'EACCES'],
    });
  },
};

export const escapeProbes: readonly Probe[] = [
  byPath(
    'files/absolute-path',
    'reads a file outside the jail by its absolute path',
    (path) => path,
  ),
  byPath(
    'files/parent-path',
    'reads a file outside the jail by many `..`',
    (path) => `${farUp}${path.slice(1)}`,
  ),
  byLink,
  byChroot,
  bySibling,
  byNeighbour,
  descriptors,
  workingDirectory,
  othersRoot,
];
