import { randomBytes, randomInt } from 'node:crypto';
import type { Answer } from '../../../model/probe-answer.ts';
import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, Range, Subject } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { refuseCalls } from '../privilege/calls.ts';

/** One that nobody else has: of IPC objects, a positive number; of keys, a name. */
const newKey = () => String(randomInt(2 ** 24, 2 ** 31 - 1));
const newName = () => `jailctl-probe-${randomBytes(8).toString('hex')}`;

function noNamespace({ engine }: Subject): string | undefined {
  return engine === 'chroot' ? 'this engine has no IPC namespace' : undefined;
}

/** Something that outlives the process that makes it. */
interface Lasting {
  readonly make: Action;
  readonly find: Action;
  readonly remove: Action;
}

function objects(key = newKey()): Lasting {
  return { make: ['ipc', 'make', key], find: ['ipc', 'find', key], remove: ['ipc', 'remove', key] };
}

function userKey(name = newName()): Lasting {
  const action = (verb: string): Action => ['keyring', verb, name];
  return { make: action('make'), find: action('find'), remove: action('remove') };
}

/**
 * Makes it on the host, as the UID of the jail's user, has `attempt` look for it while it is there,
 * and removes it. Without one that can be made and found again there is no control.
 */
async function onceOutside(
  { host, user }: Range,
  { make, find, remove }: Lasting,
  attempt: () => Promise<Finding>,
): Promise<Finding> {
  const as = { as: user.uid };
  try {
    const made = await host.outside(make, as);
    if (made.outcome !== 'done') return noControl(`outside it can't be made: ${outcomeText(made)}`);
    const found = await host.outside(find, as);
    if (found.outcome !== 'done') {
      return noControl(`outside another process does not find it: ${outcomeText(found)}`);
    }
    return await attempt();
  } finally {
    await host.outside(remove, { ...as, toTheEnd: true });
  }
}

const triesMax = 3;

/** The end of a run sweeps away what its UID has outside: it may be another one's, just then. */
async function whileOutside(
  range: Range,
  lasting: Lasting,
  attempt: () => Promise<Finding>,
): Promise<Finding> {
  for (let tries = 1; ; tries++) {
    const finding = await onceOutside(range, lasting, attempt);
    if (finding.found !== 'no_control' || tries === triesMax) return finding;
  }
}

/** What a search says that was let look. */
const notThere = ['ENOENT', 'ENOKEY'];

/** What the host has under the UID is not there in the jail. */
function hidden(range: Range, lasting: Lasting, refusals: readonly string[]): Promise<Finding> {
  return whileOutside(range, lasting, async () => {
    const answer = await range.inside(lasting.find);
    requireOutcome(answer, `in the jail (${answer.result.message})`);
    if (answer.outcome === 'done') return broken(`what ${range.user.name} has outside is found`);
    if (!refusals.includes(answer.outcome)) throw new Error(`it came to ${outcomeText(answer)}`);
    // Was it there all the time?
    if (notThere.includes(answer.outcome)) {
      const still = await range.host.outside(lasting.find, { as: range.user.uid });
      if (still.outcome !== 'done') return noControl('it was removed meanwhile; try again');
    }
    return held(`${outcomeText(answer)} in the jail; another process outside finds it`);
  });
}

/** Each sort is a fact: a filter may know some of the calls, and leave others. */
const madeNone = ({ facts }: Answer) => ![...facts.values()].includes('done');

/** What one run makes is not there in the next one, nor on the host. */
async function toNextRun(range: Range): Promise<Finding> {
  const { host, user } = range;
  const lasting = objects();
  return whileOutside(range, lasting, async () => {
    const inside = objects();
    try {
      const made = await range.inside(inside.make);
      requireOutcome(made, `in the jail (${made.result.message})`);
      if (madeNone(made)) return held(`${outcomeText(made)}: none can be made in the jail`);
      const onHost = await host.outside(inside.find, { as: user.uid });
      if (onHost.outcome === 'done') return broken('what a run has made stays on the host');
      const next = await range.inside(inside.find);
      requireOutcome(next, `in the jail (${next.result.message})`);
      if (next.outcome === 'done') return broken('the next run of the user finds it');
      return held('made in the jail, gone in the next run; outside another process finds such');
    } finally {
      await host.outside(inside.remove, { as: user.uid, toTheEnd: true });
    }
  });
}

/** One user's run has objects, for everybody; a run of another user looks for them meanwhile. */
async function toSibling(range: Range): Promise<Finding> {
  const key = newKey();
  const { find } = objects(key);
  return whileOutside(range, objects(), async () => {
    await using holder = await range.startInside(['ipc', 'hold', key]);
    const found = await range.inside(find, { user: range.sibling() });
    requireOutcome(found, `in the jail (${found.result.message})`);
    const end = await holder.end();
    requireOutcome(end, `in the jail (${end.result.message})`);
    if (madeNone(end)) return held(`${outcomeText(end)}: none can be made in the jail`);
    if (found.outcome === 'done') return broken(`${range.sibling().name} finds them`);
    return held(`${outcomeText(found)} for ${range.sibling().name} while a run has them`);
  });
}

/** add_key(2) of 32-bit code: its number, and the keyring of the UID. */
const addKeyOfI386 = '286';
const userKeyring = '-4';

/** A probe of the kernel's keys; the refusals are those of a filter. */
async function keyOf32Bits(range: Range): Promise<Finding> {
  const name = newName();
  const call = `i386-${addKeyOfI386}:add_key @user @${name} @probe 5 ${userKeyring}`;
  try {
    return await refuseCalls(range, [call]);
  } finally {
    await range.host.outside(userKey(name).remove, { as: range.user.uid, toTheEnd: true });
  }
}

async function keyMade(range: Range): Promise<Finding> {
  const { make, remove } = userKey();
  return whileOutside(range, userKey(), async () => {
    try {
      const answer = await range.inside(make);
      requireOutcome(answer, `in the jail (${answer.result.message})`);
      if (answer.outcome === 'done') return broken('a key of a run is in the keyring of the UID');
      if (!['EPERM', 'ENOSYS', 'EACCES'].includes(answer.outcome)) {
        throw new Error(`it came to ${outcomeText(answer)}`);
      }
      return held(`${outcomeText(answer)} in the jail, done outside`);
    } finally {
      await range.host.outside(remove, { as: range.user.uid, toTheEnd: true });
    }
  });
}

const ipcTexts = {
  layer: 'ipc_namespace',
  control: 'outside the jail, two processes of the UID share such objects',
  remedy: 'an IPC namespace for each run',
} as const;

const keyTexts = {
  layer: 'seccomp',
  control: 'outside the jail the UID makes a key, and another process finds it',
  remedy: 'a filter that refuses add_key, request_key and keyctl: keys are in no namespace',
} as const;

/** What lasts longer than the process that made it, and what two runs share. */
export const objectProbes: readonly Probe[] = [
  {
    ...ipcTexts,
    id: 'leaks/ipc-to-next-run',
    title: 'leaves shared memory, semaphores and messages to the next run of its user',
    severity: 'medium',
    expected: 'ENOENT in the next run, and on the host',
    gain: 'one program reads what the next one handles, or tells it something',
    attempt: toNextRun,
  },
  {
    ...ipcTexts,
    id: 'leaks/ipc-of-host',
    title: 'finds shared memory, semaphores and messages of the host',
    severity: 'medium',
    expected: 'ENOENT',
    weakOn: noNamespace,
    gain: 'what services of the host share, where its mode lets others in',
    attempt: (range) => hidden(range, objects(), ['ENOENT', 'ENOSYS', 'EPERM']),
  },
  {
    ...ipcTexts,
    id: 'leaks/ipc-of-sibling',
    title: 'finds shared memory, semaphores and messages of another user of the jail',
    severity: 'medium',
    expected: 'ENOENT while the other run has them',
    needs: 'sibling',
    alone: true,
    weakOn: noNamespace,
    gain: 'two users of a jail reach each other, past what keeps them apart',
    attempt: toSibling,
  },
  {
    ...keyTexts,
    id: 'leaks/key-made',
    title: 'makes a key in the keyring of its UID',
    severity: 'medium',
    expected: 'EPERM or ENOSYS',
    gain: 'it outlives the run, and counts against the quota of the UID (CVE-2016-0728)',
    attempt: keyMade,
  },
  {
    ...keyTexts,
    id: 'leaks/key-found',
    title: 'finds a key that its UID has on the host',
    severity: 'high',
    expected: 'EPERM or ENOSYS',
    gain: 'secrets that other programs of the UID keep with the kernel',
    attempt: (range) => hidden(range, userKey(), ['EPERM', 'ENOSYS', 'ENOKEY', 'EACCES']),
  },
  {
    ...keyTexts,
    id: 'leaks/key-32-bit',
    title: 'makes a key by a system call of 32-bit code',
    severity: 'medium',
    expected: 'SIGSYS or ENOSYS',
    control: 'outside the jail the call works',
    moot: () => (process.arch === 'x64' ? undefined : 'only x86-64 has such calls'),
    gain: 'as by the ordinary call, where the filter forgets the other number',
    attempt: keyOf32Bits,
  },
];
