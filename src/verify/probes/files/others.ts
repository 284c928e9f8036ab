import { bundleConfigFile, markerFile, privateDirectory } from '../../../model/host-paths.ts';
import type { JailUser } from '../../../model/settings.ts';
import { outcomeText, requireOutcome, requireRefusal } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { InsideAnswer, InsideOptions, Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { isChroot, ownName, roomOutside } from '../common.ts';

/** A full table of files, or another kind of file, would be no refusal. */
const refusals = ['ENOENT', 'EACCES'];

type RunInside = (
  action: readonly [string, ...string[]],
  options?: InsideOptions,
) => Promise<InsideAnswer>;

/** Reads a file that another user keeps in its home, open to all, for as long as it takes. */
async function readFromHome(
  range: Range,
  owner: JailUser,
  inside: RunInside,
  jailPath: string,
  pathInside: (path: string) => string,
): Promise<Finding> {
  const text = crypto.randomUUID();
  const path = `/home/${owner.name}/${ownName()}`;
  try {
    const kept = await inside(['keep-file', path, text], { home: 'keep' });
    requireOutcome(kept, `in the home of ${owner.name}`);
    const control = await range.host.outside(['read-file', `${jailPath}${path}`]);
    if (control.facts.get('text') !== text) {
      return noControl(`root can't read it either, outside: ${outcomeText(control)}`);
    }
    const answer = await range.inside(['read-file', pathInside(path)]);
    requireOutcome(answer, 'in the jail');
    if (answer.facts.get('text') === text) return broken(`a file of ${owner.name} was read`);
    requireRefusal(answer, refusals);
    return held(`${outcomeText(answer)} in the jail, done outside`);
  } finally {
    await inside(['remove-file', path], { home: 'keep', toTheEnd: true });
  }
}

const ofSibling: Probe = {
  id: 'files/home-of-sibling',
  title: 'reads a file of mode 0666 in the home of another user of the jail',
  ...{ severity: 'high', layer: 'mount_namespace, the mode of homes' },
  expected: 'ENOENT, or EACCES where homes are only closed',
  control: 'root reads it outside the jail, while it is there',
  gain: 'the files of all other users of the jail',
  remedy: 'chmod 700 the homes; an OCI runtime as engine leaves only the own home in sight',
  needs: 'sibling',
  attempt: (range) => {
    const user = range.sibling();
    return readFromHome(
      range,
      user,
      (action, options) => range.inside(action, { ...options, user }),
      range.subject.jail.path,
      (path) => path,
    );
  },
};

const ofNeighbour: Probe = {
  id: 'files/home-of-neighbour',
  title: 'reads a file of mode 0666 in a home of another jail',
  ...{ severity: 'critical', layer: 'mount_namespace', expected: 'ENOENT' },
  control: 'root reads it outside the jail, while it is there',
  gain: 'the files of other jails',
  remedy: 'no jail inside of another; roots of their own for all programs',
  needs: 'neighbour',
  attempt: (range) => {
    const { jail, user, inside } = range.neighbour();
    return readFromHome(range, user, inside, jail.path, (path) => `${jail.path}${path}`);
  },
};

/** Leaves a file in a directory, and looks from a second run whether the directory is empty. */
async function leaveFile(range: Range, directory: string): Promise<Finding> {
  const room = await roomOutside(range, 0, 0o1777);
  const as = range.user.uid;
  const name = ownName();
  const path = `${directory}/${name}`;
  await range.host.outside(['keep-file', `${room}/${name}`, 'left'], { as });
  const control = await range.host.outside(['list-directory', room], { as });
  if (control.outcome !== 'done') {
    return noControl(`nothing stays outside either: ${outcomeText(control)}`);
  }
  const left = await range.inside(['keep-file', path, 'left']);
  requireOutcome(left, 'in the jail');
  const seen = await range.inside(['list-directory', directory]);
  requireOutcome(seen, 'in the jail');
  const isLeft = left.outcome === 'done';
  if (isLeft && seen.outcome !== 'empty') {
    // Who can't list a directory may still find in it what it knows the name of.
    const { outcome } = await range.inside(['remove-file', path]);
    if (outcome === 'done') return broken(`the next run found what was left in ${directory}`);
  }
  if (seen.outcome === 'done') return broken(`it was not empty: ${seen.facts.get('entry')}`);
  if (isLeft && seen.outcome !== 'empty') throw new Error(`it came to ${outcomeText(seen)}`);
  if (isLeft) return held('a file was left, and the next run found none');
  return held(`no file can be left there: ${outcomeText(left)}`);
}

function emptyProbe(directory: string, id: string): Probe {
  return {
    id,
    title: `leaves a file in ${directory}, and looks for it from the next run`,
    ...{ severity: 'medium', layer: 'private_tmp', expected: 'an empty directory, or none' },
    control: 'in a directory outside, the second process finds what the first one left',
    gain: 'what earlier runs leave there, and a place to lay traps for later ones (symlinks)',
    remedy: `mount a tmpfs of its own at ${directory} for each run: an OCI runtime as engine does`,
    weakOn: (subject) =>
      isChroot(subject) ? `plain chroot gives a run no ${directory} of its own` : undefined,
    attempt: (range) => leaveFile(range, directory),
  };
}

const marker: Probe = {
  id: 'files/marker',
  title: 'reads, and opens for writing, the settings that the jail was applied with',
  ...{ severity: 'critical', layer: 'mode 0700 of .jailctl, masked', expected: 'ENOENT or EACCES' },
  control: 'root reads it outside the jail',
  gain: 'limits, network and UIDs of all later runs: what the marker says is what is run',
  remedy: 'jailctl apply sets the mode of .jailctl right',
  moot: ({ isForeign }) => (isForeign ? "the jail is not jailctl's: it has no marker" : undefined),
  attempt: async (range) => {
    const { path } = range.subject.jail;
    const control = await range.host.outside(['read-file', markerFile(path)]);
    if (control.outcome !== 'done') return noControl(`root can't read it: ${outcomeText(control)}`);
    const files = [markerFile(''), markerFile(path), `${privateDirectory('')}/scratch`];
    return anyOpened(range, files);
  },
};

async function anyOpened(range: Range, paths: readonly string[]): Promise<Finding> {
  const refused: string[] = [];
  for (const way of ['read', 'write'] as const) {
    const answer = await range.inside(['open-any', way, ...paths]);
    requireOutcome(answer, 'in the jail');
    const words = [...answer.output.matchAll(/^refused (.*)$/gm)].map(([, text = '']) => text);
    if (answer.outcome === 'done') return broken(`${way}: ${answer.facts.get('path')} was opened`);
    const odd = words.find((text) => !refusals.includes(text.split(' ')[0] ?? ''));
    if (odd !== undefined || words.length !== paths.length) {
      throw new Error(`in the jail it came to ${odd ?? outcomeText(answer)}`);
    }
    refused.push(`${way}: ${outcomeText(answer)}`);
  }
  return held(`${refused.join(', ')} in the jail, done outside`);
}

const configuration: Probe = {
  id: 'files/run-configuration',
  title: 'reads, and opens for writing, the configuration that its own run was started with',
  ...{ severity: 'critical', layer: 'mount_namespace', expected: 'ENOENT' },
  control: 'root reads it outside the jail, while the run goes on',
  gain: 'the filter, the mounts and the limits of runs that are about to start',
  remedy: "keep configurations of runs in a directory of root's, mode 0700, outside the jail",
  moot: (subject) =>
    isChroot(subject) ? 'with this engine a run has no configuration' : undefined,
  attempt: async (range) => {
    const file = bundleConfigFile(range.user.name);
    {
      await using _run = await range.startInside(['hold-process']);
      const control = await range.host.outside(['read-file', file]);
      if (control.outcome !== 'done') {
        return noControl(`root can't read ${file}: ${outcomeText(control)}`);
      }
    }
    // In the same place while this run, which has the same user, goes on.
    return anyOpened(range, ['/proc/1/cwd/config.json', '/config.json', file]);
  },
};

export const othersProbes: readonly Probe[] = [
  ofSibling,
  ofNeighbour,
  emptyProbe('/tmp', 'files/tmp-empty'),
  emptyProbe('/dev/shm', 'files/shm-empty'),
  marker,
  configuration,
];
