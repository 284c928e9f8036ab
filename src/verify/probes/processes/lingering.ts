import { randomUUID } from 'node:crypto';
import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { findOnHost } from './find.ts';

/** Ends one that was found, as the user that it is of. */
async function end({ host, user }: Range, pid: string): Promise<void> {
  await host.outside(['signal', pid, '9'], { as: user.uid });
}

/** Ends what is left of a run. @returns its PID on the host; undefined when nothing was left */
async function endSurvivor(range: Range, mark: string): Promise<string | undefined> {
  const pid = await findOnHost(range, mark);
  if (pid !== undefined) await end(range, pid);
  return pid;
}

async function leaveDaemon(range: Range): Promise<Finding> {
  const [own, other] = [randomUUID(), randomUUID()];
  await range.host.outside(['daemon', other], { as: range.user.uid });
  if ((await endSurvivor(range, other)) === undefined) {
    return noControl('outside the jail it does not survive either');
  }
  const answer = await range.inside(['daemon', own]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const survivor = await endSurvivor(range, own);
  if (survivor !== undefined) return broken(`it runs on after the run, as process ${survivor}`);
  if (answer.outcome !== 'done') throw new Error(`no daemon was started: ${outcomeText(answer)}`);
  return held('started in the jail, and gone with the run; outside it survives');
}

/** Limits the wall time of a run that does not want to end. */
async function lingerOver(range: Range, how: 'ignore' | 'stop' | 'vfork'): Promise<Finding> {
  const outside = await range.host.outside(['outlive', how], { as: range.user.uid });
  if (outside.outcome !== 'done') {
    return noControl(`outside the jail it does not outlive it either: ${outcomeText(outside)}`);
  }
  const mark = randomUUID();
  const limits = [{ name: 'wall_time', value: 1 }];
  const { facts, result } = await range.inside(['linger', how, mark], { limits });
  const survivor = await endSurvivor(range, mark);
  if (survivor !== undefined) return broken(`process ${survivor} of it runs on after the run`);
  if (facts.get('lingers') !== how) throw new Error(`it did not begin: ${result.message}`);
  if (result.status !== 'time_limit') return broken(`${result.status}: ${result.message}`);
  return held(`${result.message}, and nothing of it is left`);
}

function lingering(
  how: 'ignore' | 'stop' | 'vfork',
  texts: Pick<Probe, 'id' | 'title' | 'control'>,
): Probe {
  return {
    ...texts,
    severity: 'high',
    layer: 'limit wall_time',
    expected: 'the run is ended at its limit of one second',
    gain: 'it holds its user, its memory and its processors for as long as it likes',
    remedy: 'jailctl kills all of a run by its cgroup and its PID namespace: report this',
    attempt: (range) => lingerOver(range, how),
  };
}

const orphans = 24;
const room = 8;

async function leaveOrphans(range: Range): Promise<Finding> {
  const control = ['orphans', String(orphans), 'keep'] as const;
  const outside = await range.host.outside(control, { as: range.user.uid });
  const zombies = Number(outside.facts.get('zombies') ?? 0);
  // The last ones may not have ended yet.
  if (zombies <= room) {
    return noControl(`outside the jail, where nobody reaps them, there are ${zombies} zombies`);
  }
  const limits = [{ name: 'processes', value: room }];
  const answer = await range.inside(['orphans', String(orphans)], { limits });
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const left = `${answer.facts.get('orphans')} orphans in a run of ${room} processes`;
  if (answer.outcome === 'done') return held(`${left}; where nobody reaps them, ${zombies} stay`);
  return broken(`${left}, and then there was room for none: the dead take their places`);
}

/** What should have gone, and what is left of it. */
export const lingeringProbes: readonly Probe[] = [
  {
    id: 'processes/daemon',
    title: 'starts a daemon in a session of its own (two forks), and ends',
    severity: 'high',
    layer: 'pid_namespace, the cgroup of the run',
    expected: 'no survivor',
    control: 'a daemon that the same user starts outside the jail is found afterwards, and ended',
    gain: 'it runs on without limits and without anybody who knows of it',
    remedy: 'let jailctl set cgroups (as root on the host), or take an OCI runtime as engine',
    attempt: leaveDaemon,
  },
  lingering('ignore', {
    id: 'processes/ignores-signals',
    title: 'ignores every signal that can be ignored, and stays',
    control: 'outside the jail, a process that does so answers after SIGTERM',
  }),
  lingering('stop', {
    id: 'processes/stops-itself',
    title: 'stops itself, so that it hears no signal, and stays',
    control: 'outside the jail, a process that has stopped itself is still there after SIGTERM',
  }),
  lingering('vfork', {
    id: 'processes/sleeps-in-vfork',
    title: 'waits in vfork for a child that sleeps',
    control: 'outside the jail, the child is still there after its parent was killed',
  }),
  {
    id: 'processes/orphans',
    title: `leaves ${orphans} orphans, where ${room} processes are allowed`,
    severity: 'medium',
    layer: 'process 1 of the run',
    expected: 'all can be started, because the dead are reaped',
    control: 'outside the jail, below a process that reaps none, they stay as zombies',
    gain: 'nothing; but programs that start others fail after a while',
    remedy: 'start runs by jailctl-init, as jailctl does',
    attempt: leaveOrphans,
  },
];
