import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../model/probe-answer.ts';
import { compare, outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range, Running } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { withoutFilter } from '../common.ts';
import { startVictim } from './victim.ts';
import { withoutPidNamespace } from './why.ts';

function fact({ facts }: Pick<Running<Answer>, 'facts'>, name: string): string {
  const value = facts.get(name);
  if (value === undefined) throw new Error(`the victim did not tell its ${name}`);
  return value;
}

/** Else it was not there to be attacked. */
async function requireAlive(victim: Running<Answer>): Promise<void> {
  const { outcome } = await victim.end();
  if (outcome !== 'done') throw new Error(`the victim ended before its time: ${outcome}`);
}

/** What is done to a process outside, by its PID and what else it tells of itself. */
type Attack = (victim: Running<Answer>) => readonly [string, ...string[]];

/**
 * Attacks a process of the same UID outside of the jail, from inside; and another one from outside,
 * as the control, which may do it harm.
 */
async function attackOutside(
  range: Range,
  attack: Attack,
  refusals: readonly string[],
): Promise<Finding> {
  const as = range.user.uid;
  await using other = await startVictim(range);
  const outside = await range.host.outside(attack(other), { as });
  requireOutcome(outside, 'outside the jail');
  if (outside.outcome !== 'done') {
    return noControl(`outside the jail it does not work either: ${outcomeText(outside)}`);
  }
  await using victim = await startVictim(range);
  const inside = await range.inside(attack(victim));
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  const pid = fact(victim, 'pid');
  if (inside.outcome === 'done') return broken(`it worked in the jail on process ${pid} outside`);
  if (!refusals.includes(inside.outcome)) {
    throw new Error(`in the jail it came to ${outcomeText(inside)}`);
  }
  await requireAlive(victim);
  return held(`${outcomeText(inside)} in the jail, done outside`);
}

/** How another process is read and steered (the ways of `meddle`). */
const waysOutside = ['ptrace', 'read-memory', 'take-descriptor', 'open-memory'];
const waysOfFilter = ['ptrace', 'read-memory', 'take-descriptor'];

/**
 * Tries several ways at once, inside those of them that work outside.
 * @param target of each side: a victim that is there for it, or a child of its own
 */
async function meddle(
  range: Range,
  ways: readonly string[],
  target: { readonly outside: readonly string[]; readonly inside: readonly string[] },
  refusals: readonly string[],
): Promise<Finding> {
  const as = range.user.uid;
  const outside = await range.host.outside(['meddle', ...target.outside, ...ways], { as });
  requireOutcome(outside, 'outside the jail');
  const proven = ways.filter((way) => outside.facts.get(way) === 'done');
  if (proven.length === 0) {
    return noControl(`outside the jail it does not work either: ${outcomeText(outside)}`);
  }
  const inside = await range.inside(['meddle', ...target.inside, ...proven]);
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  const told = proven.map((way) => `${way} ${inside.facts.get(way)}`).join(', ');
  if (inside.outcome === 'done') return broken(`in the jail: ${told}`);
  if (proven.some((way) => !refusals.includes(inside.facts.get(way) ?? ''))) {
    throw new Error(`in the jail it came to ${told}`);
  }
  return held(`in the jail: ${told}; outside, each works`);
}

async function meddleOutside(range: Range): Promise<Finding> {
  await using other = await startVictim(range);
  await using victim = await startVictim(range);
  const of = (one: Running<Answer>) =>
    ['pid', 'address', 'descriptor'].map((name) => fact(one, name));
  const refusals = ['EPERM', 'ESRCH', 'ENOENT'];
  const targets = { outside: of(other), inside: of(victim) };
  const finding = await meddle(range, waysOutside, targets, refusals);
  if (finding.found === 'held') await requireAlive(victim);
  return finding;
}

/** Looks for a process outside by a mark in its command line. */
async function lookOutside(range: Range): Promise<Finding> {
  const mark = randomUUID();
  const as = range.user.uid;
  await using victim = await startVictim(range, mark);
  const outside = await range.host.outside(['find-process'], { as, stdin: mark });
  if (outside.outcome !== 'done') {
    return noControl(`outside the jail it is not found either: ${outcomeText(outside)}`);
  }
  const inside = await range.inside(['find-process'], { stdin: mark });
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  const count = inside.facts.get('processes');
  if (inside.outcome === 'ENOENT' || count === '0') return held('the jail has no /proc to look in');
  const seen = `${count} processes are seen in the jail`;
  if (inside.outcome === 'done') return broken(`${seen}, and one of them runs outside`);
  if (inside.outcome !== 'absent') throw new Error(`in the jail it came to ${outcomeText(inside)}`);
  await requireAlive(victim);
  return held(`${seen}, ${outside.facts.get('processes')} outside`);
}

const remedy = 'take an OCI runtime as engine: its runs have a PID namespace of their own';

/** Who else is there, and what can be done to them. */
export const otherProcessProbes: readonly Probe[] = [
  {
    id: 'processes/proc-outside',
    title: 'looks in /proc for processes outside the jail, and at their command lines',
    severity: 'high',
    layer: 'pid_namespace',
    expected: '/proc shows the processes of the run only, or there is none',
    control: 'the same user finds the process in /proc outside the jail',
    gain: 'command lines, environments and the load of everything on the host',
    remedy,
    weakOn: withoutPidNamespace,
    attempt: lookOutside,
  },
  {
    id: 'processes/number-outside',
    title: 'asks by its number whether a process of root outside the jail is there',
    severity: 'medium',
    layer: 'pid_namespace',
    expected: 'ESRCH',
    control: 'the same user is told EPERM outside the jail: it is there',
    gain: 'it learns what runs on the host, and when',
    remedy,
    weakOn: withoutPidNamespace,
    attempt: async (range) => {
      await using victim = await range.host.startOutside(['victim']);
      return await compare(range, {
        attempt: ['signal', fact(victim, 'pid'), '0'],
        reached: ['EPERM'],
        refusals: ['ESRCH'],
      });
    },
  },
  {
    id: 'processes/kill-outside',
    title: 'kills a process of the same UID that runs outside the jail',
    severity: 'high',
    layer: 'pid_namespace',
    expected: 'ESRCH',
    control: 'the same user kills another one outside the jail',
    gain: 'it ends the runs and the logins of the same account, and what looks after them',
    remedy,
    weakOn: withoutPidNamespace,
    attempt: (range) =>
      attackOutside(range, (victim) => ['signal', fact(victim, 'pid'), '9'], ['ESRCH']),
  },
  {
    id: 'processes/renice-outside',
    title: 'slows a process of the same UID down that runs outside the jail',
    severity: 'low',
    layer: 'pid_namespace',
    expected: 'ESRCH',
    control: 'the same user does so to another one outside the jail',
    gain: 'it starves the other runs of the same account',
    remedy,
    weakOn: withoutPidNamespace,
    attempt: (range) =>
      attackOutside(range, (victim) => ['renice', fact(victim, 'pid'), '19'], ['ESRCH']),
  },
  {
    id: 'processes/trace-outside',
    title: 'traces a process of the same UID outside the jail, reads it, takes its descriptors',
    severity: 'critical',
    layer: 'pid_namespace, seccomp',
    expected: 'EPERM or ESRCH for ptrace, process_vm_readv, pidfd_getfd and /proc/PID/mem',
    control: 'the same user does so to another one outside the jail',
    gain: 'it leaves the jail: a process outside does what it is told to (ptrace(2))',
    remedy,
    weakOn: withoutPidNamespace,
    attempt: meddleOutside,
  },
  {
    id: 'processes/trace-filter',
    title: 'traces its own child, reads it, takes its descriptors',
    severity: 'medium',
    layer: 'seccomp',
    expected: 'EPERM for ptrace, process_vm_readv and pidfd_getfd',
    control: 'the same user does so to its child outside the jail',
    gain: 'calls that have let programs get more rights than they had (CVE-2019-13272)',
    remedy: 'run with the filter for system calls, which an OCI runtime sets',
    weakOn: withoutFilter,
    attempt: (range) => {
      const child = ['child', '0', '0'];
      return meddle(range, waysOfFilter, { outside: child, inside: child }, ['EPERM']);
    },
  },
  {
    id: 'processes/first-process',
    title: 'opens the memory and the descriptors of process 1 of its run',
    severity: 'high',
    layer: 'process 1, which is not dumpable',
    expected: 'EACCES, or there is no /proc',
    control: 'the same user opens those of a process of its own outside the jail',
    gain: 'it tells jailctl that it ended well, or takes the place of what watches it',
    remedy: 'build jailctl anew: its process 1 makes itself undumpable first of all',
    attempt: async (range) => {
      const ways = ['open-memory', 'open-descriptors'];
      await using victim = await startVictim(range);
      return await compare(range, {
        attempt: ['meddle', '1', '0', '0', ...ways],
        control: ['meddle', fact(victim, 'pid'), '0', '0', ...ways],
        refusals: ['EACCES', 'ENOENT'],
      });
    },
  },
];
