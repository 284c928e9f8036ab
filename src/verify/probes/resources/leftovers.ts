import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { homeIn, numberOf, ownName, placeIn, placeOutside } from '../common.ts';
import { limits, missingControl, noFreshHome, runInside, unless } from './bounds.ts';

const patternFile = '/proc/sys/kernel/core_pattern';

/** Only a relative name lies where the control can see and remove it. */
function crashesHarmlessly(pattern: string): boolean {
  return pattern !== '' && !pattern.startsWith('|') && !pattern.includes('/');
}

async function dumpCore(range: Range): Promise<Finding> {
  const pattern = (range.host.reader.readText(patternFile) ?? '').trim();
  const crashes = crashesHarmlessly(pattern);
  const outside = crashes ? await placeOutside(range) : '-';
  const missing = await missingControl(range, ['crash', outside, 'raise'], { isolated: true });
  if (missing !== undefined) return missing;
  const answer = await runInside(range, ['crash', crashes ? placeIn(range) : '-'], {});
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const [soft, hard] = [numberOf(answer, 'soft'), numberOf(answer, 'hard')];
  const files = crashes ? numberOf(answer, 'files') : 0;
  const note = pattern.startsWith('|')
    ? `; core_pattern is a pipe: at each crash the kernel starts ${pattern.slice(1)} as root, whatever the limit`
    : `; core_pattern is ${pattern}`;
  return unless(
    `RLIMIT_CORE is ${soft} and at most ${hard}, ${answer.outcome} for more${note}`,
    files > 0 && 'a core dump lay in the working directory',
    (soft !== 0 || hard !== 0) && 'the limit is not 0',
    answer.outcome === 'done' && 'it could have more',
  );
}

/** With names of 255 bytes: a path to the last one would be nineteen times as long as one may be. */
const depth = 300;

/** As `destroy` removes trees. @returns whether it is gone */
async function removeTree({ host }: Range, path: string): Promise<boolean> {
  const scratch = `${host.directory}/${crypto.randomUUID()}`;
  await host.execute({ op: 'makeDirectory', path: scratch, mode: 0o700, uid: 0, gid: 0 });
  await host.execute({ op: 'removeTrees', paths: [path], scratch });
  return host.reader.list(scratch)?.length === 0;
}

async function deepInMemory(range: Range): Promise<Finding> {
  const make = (path: string): Action => ['make-deep', String(depth), path, 'keep'];
  const outside = await placeOutside(range);
  const missing = await missingControl(range, make(outside));
  if (missing !== undefined) return missing;
  if (!(await removeTree(range, outside))) return broken('what the control left was not removed');
  for (const path of [placeIn(range), `${homeIn(range)}/deep`]) {
    const answer = await runInside(range, make(path), { home: 'fresh' });
    requireOutcome(answer, `in the jail (${answer.result.message})`);
    if (answer.outcome !== 'done') throw new Error(`${answer.outcome} at ${path}`);
    if (answer.result.status !== 'ok') return broken(`${path}: ${answer.result.message}`);
  }
  return held(
    `runs with ${depth} directories in each other in /tmp and in a home came to their end`,
  );
}

/** Below the limit, whatever the home holds: so that jailctl looks at all of it. */
const diskMax = 2 ** 43;

/** In a home that is kept, under a name of its own, which goes again. */
async function deepInHome(range: Range): Promise<Finding> {
  const { host, subject } = range;
  const outside = await placeOutside(range);
  const missing = await missingControl(range, ['make-deep', String(depth), outside]);
  if (missing !== undefined) return missing;
  const path = `${homeIn(range)}/${ownName()}`;
  const options = { home: 'keep', limits: limits({ disk: diskMax }) } as const;
  try {
    const answer = await runInside(range, ['make-deep', String(depth), path, 'keep'], options);
    requireOutcome(answer, `in the jail (${answer.result.message})`);
    if (answer.outcome !== 'done') return noControl(`${answer.outcome} in the home`);
    if (answer.result.status !== 'ok') return broken(answer.result.message);
  } finally {
    await range.inside(['remove-left', path], { ...options, toTheEnd: true });
  }
  const left = host.reader.lstat(`${subject.jail.path}${path}`) !== undefined;
  return unless(
    `a run that left ${depth} directories in each other came to its end, and the next one removed them`,
    left && `${path} is still there`,
  );
}

const commonOfDeep = {
  severity: 'medium',
  layer: 'clean-up by descriptor',
  expected: 'the run comes to its end, and what it left can be removed',
  control: 'the same user makes them outside the jail',
  gain: 'a run that never ends, or a jail that nobody can destroy',
  remedy: 'what walks the tree must go from directory to directory by descriptor',
} as const;

export const leftoverProbes: readonly Probe[] = [
  {
    id: 'resources/core-dumps',
    title: 'crashes, to have a core dump of a size that no limit counts',
    severity: 'medium',
    layer: 'no_core_dumps',
    expected: 'RLIMIT_CORE is 0, and stays so; no file',
    control: 'root crashes outside the jail, with its limit raised, and leaves one',
    gain: 'the disk of the host, and the memory of the program where others may read it',
    remedy: 'the engine did not set RLIMIT_CORE: look at its configuration',
    attempt: dumpCore,
  },
  {
    ...commonOfDeep,
    id: 'resources/deep-directories',
    title:
      'leaves directories deep in each other, with the longest names, in /tmp and a fresh home',
    moot: noFreshHome,
    attempt: deepInMemory,
  },
  {
    ...commonOfDeep,
    id: 'resources/deep-home',
    title: 'leaves directories deep in each other, with the longest names, in its home',
    attempt: deepInHome,
  },
];
