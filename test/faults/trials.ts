import type { Attempt, Ending, Fault, Points } from './harness.ts';
import { type Point, sample } from './points.ts';
import { unclear } from './said.ts';

/** What is done at a point, and how the host is brought in order afterwards. */
export interface Trial {
  readonly point: Point;
  readonly fault: Fault;
  readonly ending: Ending;
}

/** How tried points are shared out. */
const killParts = { jailctl: 0.8, tools: 0.2 };
const errorParts = { jailctl: 0.6, tools: 0.2, reading: 0.2 };

/** Each call meets one of these, in turn; with what strerror(3) says of it. */
const errors: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EIO: 'Input/output error',
  EROFS: 'Read-only file system',
  EMFILE: 'Too many open files',
  EDQUOT: 'Disk quota exceeded',
};

/** No program is made to handle a kernel that can't kill or wait. */
const neverFailing = ['kill', 'wait4'];

/** Each point is tried once: with one of the faults, and with one of the endings. */
function inTurn(points: readonly Point[], faults: readonly Fault[]): readonly Trial[] {
  return points.map((point, index) => ({
    point,
    fault: faults[Math.floor(index / 2) % faults.length] as Fault,
    ending: index % 2 === 0 ? 'apply' : 'destroy',
  }));
}

const ofJailctl = ({ tool }: Point) => tool === undefined;
const ofTools = ({ tool }: Point) => tool !== undefined;

/** @param wanted how many at most */
export function killTrials({ changing }: Points, wanted: number): readonly Trial[] {
  const kill: Fault = { signal: 'KILL' };
  const own = sample(changing.filter(ofJailctl), wanted * killParts.jailctl);
  const tools = sample(changing.filter(ofTools), wanted * killParts.tools);
  return [...inTurn(own, [kill]), ...inTurn(tools, [kill, { signal: 'KILL', only: 'tool' }])];
}

/** @param wanted how many at most */
export function errorTrials({ changing, reading }: Points, wanted: number): readonly Trial[] {
  const able = changing.filter(({ call }) => !neverFailing.includes(call));
  const points = [
    ...sample(able.filter(ofJailctl), wanted * errorParts.jailctl),
    ...sample(able.filter(ofTools), wanted * errorParts.tools),
    ...sample(reading, wanted * errorParts.reading),
  ];
  const faults = Object.keys(errors).map((error): Fault => ({ error }));
  return inTurn(points, faults).map((trial): Trial => {
    return trial.point.call === 'clone' ? { ...trial, fault: { error: 'EAGAIN' } } : trial;
  });
}

/** What must be told of what was done, one of these; nothing when jailctl itself was killed. */
function reasonsOf({ point: { tool }, fault }: Trial): readonly string[] | undefined {
  if ('error' in fault) {
    // vipw forgets errno before it speaks.
    const ofVipw = tool?.name === 'vipw' ? ["vipw: Couldn't lock file"] : [];
    return [fault.error, errors[fault.error] ?? fault.error, ...ofVipw];
  }
  return 'only' in fault && tool !== undefined ? [tool.name] : undefined;
}

/** What is wrong with what jailctl says, for a person. */
export function complaints({ result, complete }: Attempt, trial: Trial): readonly string[] {
  const reasons = reasonsOf(trial);
  if (reasons === undefined) return [];
  if (result.exitCode !== 0) return unclear(result, reasons);
  return complete ? [] : ['exits with 0, and not everything is done'];
}
