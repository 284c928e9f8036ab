import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { refuseCalls } from './calls.ts';

interface Expectation {
  /** Facts of the action `credentials`. */
  readonly facts: readonly string[];
  readonly wanted: string;
  /** Absent: without groups. */
  readonly control?: Action;
}

/** What a process is, in the jail as wanted, and outside, as root, otherwise. */
async function compareRights(
  range: Range,
  { facts, wanted, control = ['credentials'] }: Expectation,
): Promise<Finding> {
  const outside = await range.host.outside(control, { isolated: true });
  requireOutcome(outside, 'outside the jail');
  if (outside.outcome !== 'done') {
    return noControl(`outside the jail it does not work either: ${outcomeText(outside)}`);
  }
  const values = (answer: { readonly facts: ReadonlyMap<string, string> }) =>
    facts.map((name) => `${name} ${answer.facts.get(name) || 'none'}`);
  const isWanted = (value: string, at: number) => value === `${facts[at]} ${wanted || 'none'}`;
  if (values(outside).every(isWanted)) {
    return noControl(
      `root itself has nothing else outside the jail: ${values(outside).join(', ')}`,
    );
  }
  const answer = await range.inside(['credentials']);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  if (answer.outcome !== 'done') throw new Error(`in the jail it came to ${outcomeText(answer)}`);
  const seen = values(answer);
  if (!seen.every(isWanted)) {
    return broken(`in the jail: ${seen.filter((one, at) => !isWanted(one, at)).join(', ')}`);
  }
  return held(`${seen.join(', ')} in the jail; root has ${values(outside).join(', ')}`);
}

const noCapability = '0'.repeat(16);

/** Who a program in the jail is, and what it has. */
export const rightsProbes: readonly Probe[] = [
  {
    id: 'privilege/no-new-privileges',
    title: 'may gain rights by an exec, from a setuid program or file capabilities',
    severity: 'high',
    layer: 'no_new_privileges',
    expected: 'the flag no_new_privs is 1',
    control: 'outside the jail the flag is 0',
    gain: 'one setuid file anywhere in the jail makes its user root',
    remedy: 'set noNewPrivileges for the run; on chroot, start it by setpriv --no-new-privs',
    attempt: (range) => compareRights(range, { facts: ['no_new_privs'], wanted: '1' }),
  },
  {
    id: 'privilege/capabilities',
    title: 'has a capability in its effective, permitted, inheritable or ambient set',
    severity: 'critical',
    layer: 'no_capabilities',
    expected: 'all four sets are empty',
    control: 'root has capabilities outside the jail',
    gain: 'a part of what root may do; CAP_SYS_ADMIN is nearly all of it',
    remedy: 'give the run no capabilities: all sets of its configuration are empty lists',
    attempt: (range) =>
      compareRights(range, {
        facts: ['effective', 'permitted', 'inheritable', 'ambient'],
        wanted: noCapability,
      }),
  },
  {
    id: 'privilege/bounding-set',
    title: 'has a capability left in its bounding set',
    severity: 'low',
    layer: 'no_capabilities',
    expected: 'the set is empty',
    control: 'the set of root has some outside the jail',
    gain: 'a way to get it back where a setuid file is, and no_new_privs is not set',
    remedy: 'an empty bounding set in the configuration of the run',
    weakOn: ({ engine }) =>
      engine === 'chroot'
        ? 'root needs these to change the root and the user, after which nobody empties the set; no_new_privs keeps them from being got back'
        : undefined,
    attempt: (range) => compareRights(range, { facts: ['bounding'], wanted: noCapability }),
  },
  {
    id: 'privilege/groups',
    title: 'is in a group of the host besides its own',
    severity: 'high',
    layer: 'no_groups',
    expected: 'no supplementary groups',
    control: 'outside the jail, root takes groups, and they are seen',
    gain: 'what those groups may read and write, as docker or disk: all of the host',
    remedy: 'give the run no additional groups (setgroups(2) with an empty list)',
    attempt: (range) =>
      compareRights(range, {
        facts: ['groups'],
        wanted: '',
        control: ['credentials', '64998', '64999'],
      }),
  },
  {
    id: 'privilege/own-ids',
    title: 'has another UID or GID than its own: real, effective, saved or of the file system',
    severity: 'critical',
    layer: 'the UID of the run',
    expected: 'its own in all eight',
    control: 'root has others outside the jail',
    gain: 'the files of whoever else it is; with a saved UID 0, root',
    remedy: 'start the run with setresuid(2) and setresgid(2) of the user and its private group',
    attempt: (range) => {
      const own = Array(4).fill(range.user.uid).join(' ');
      return compareRights(range, { facts: ['uid', 'gid'], wanted: own });
    },
  },
  {
    id: 'privilege/become-root',
    title: 'becomes root, or takes a group: setuid(0), setresgid(0), setgroups(0)',
    severity: 'critical',
    layer: 'no_capabilities',
    expected: 'EPERM',
    control: 'root does it outside the jail',
    gain: 'all rights of root in the jail, and ways out of it',
    remedy: 'no saved UID of root, and neither CAP_SETUID nor CAP_SETGID',
    attempt: (range) =>
      refuseCalls(range, [
        'setuid 0',
        'setreuid 0 0',
        'setresuid 0 0 0',
        'setgid 0',
        'setregid 0 0',
        'setresgid 0 0 0',
        'setgroups 1 #0',
      ]),
  },
  {
    id: 'privilege/setuid-file',
    title: 'plants a setuid program where it can write',
    severity: 'medium',
    layer: 'nosuid mounts',
    expected: 'each place that it can write in is mounted nosuid',
    control: 'on a file system without nosuid, a setuid copy raises another user to root',
    gain: 'whoever starts it acts as the user of the jail, or gives its rights away',
    remedy: 'mount the home, /tmp and /dev/shm of the run with nosuid',
    weakOn: ({ engine }) =>
      engine === 'chroot' ? 'the home is no mount of its own; no_new_privs remains' : undefined,
    attempt: setuidFile,
  },
];

async function setuidFile(range: Range): Promise<Finding> {
  const { host, user } = range;
  const uid = String(user.uid);
  const outside = await host.outside(['start-setuid', host.directory, uid], { isolated: true });
  requireOutcome(outside, 'outside the jail');
  const raised = outside.facts.get('uid');
  if (raised !== `${uid} 0 0 0`) {
    return noControl(`setuid is without effect outside the jail: ${raised ?? outside.outcome}`);
  }
  const places = [`/home/${user.name}`, '/tmp', '/var/tmp', '/dev/shm', '/run', '/'];
  const answer = await range.inside(['plant-setuid', ...places]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const seen = places.map((path, at) => ({ path, worth: answer.facts.get(`directory-${at}`) }));
  const text = seen.map(({ path, worth }) => `${path} ${worth}`).join(', ');
  if (seen.some(({ worth }) => worth === 'suid')) return broken(`in the jail: ${text}`);
  // Nothing was planted where there is no room, or no right to.
  const refused = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];
  const isJudged = ({ worth = 'none' }) => worth === 'nosuid' || refused.includes(worth);
  if (!seen.every(isJudged)) throw new Error(`in the jail it came to ${text}`);
  if (seen[0]?.worth !== 'nosuid') return noControl(`not even the home can be judged: ${text}`);
  return held(`${text} in the jail; outside, a copy of root's raised UID ${uid} to 0`);
}
