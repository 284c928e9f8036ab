import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/run/run-result.ts';
import { resourceProbes } from '../../src/verify/probes/resources.ts';
import type { InsideAnswer, Range } from '../../src/verify/range.ts';
import type { Finding, VerdictName } from '../../src/verify/verdict.ts';
import type { TestHost } from '../rig/host.ts';
import { engineHost } from '../scenarios/exec-jail.ts';
import { type Says, scriptedRange } from './scripted.ts';

/** What one run of the probe program says, and its result. */
interface Ran {
  readonly says: string;
  readonly result?: Partial<RunResult>;
}

/** Tries a probe where the program says what a test wants. */
async function attempt(name: string, ran: Ran, outside: Says = () => 'done'): Promise<Finding> {
  const probe = resourceProbes.find(({ id }) => id === `resources/${name}`);
  if (probe === undefined) throw new Error(`there is no probe ${name}`);
  const script = scriptedRange({ outside, inside: () => ran.says });
  const startOutside: Range['host']['startOutside'] = async (...args) => {
    const end = () => script.host.outside(...args);
    return { facts: new Map(), end, ended: end, [Symbol.asyncDispose]: async () => {} };
  };
  const range = {
    ...script,
    host: { ...script.host, startOutside, directory: '/run', execute: async () => {} },
    inside: async (...args: Parameters<Range['inside']>): Promise<InsideAnswer> => {
      const answer = await script.inside(...args);
      const result = { status: 'ok', message: 'ended with exit code 0', ...ran.result };
      return { ...answer, result: result as RunResult };
    },
  } as Range;
  return probe.attempt(range);
}

const mib = 2 ** 20;
const memoryPeakBytes = 24 * mib;
const killed = { status: 'memory_limit', memoryPeakBytes } as const;
const cut = {
  status: 'output_limit',
  outputBytes: 65_536,
  outputCut: true,
} as const;
const letters = (count: number) => `${'A'.repeat(count - 1)}\n`;
const timeLimit = {
  status: 'time_limit',
  message: 'used up its CPU time of 1s',
  cpuTimeMs: 1010,
} as const;

describe('a limit', () => {
  test.for<[string, Ran]>([
    ['fork-bomb', { says: 'made 7\noutcome EAGAIN\n', result: { processesPeak: 8 } }],
    ['fork-bomb', { says: 'made 7\noutcome EAGAIN\n' }],
    ['memory-malloc', { says: '\n', result: killed }],
    ['memory-malloc', { says: 'ENOMEM', result: { memoryPeakBytes } }],
    // What cgroup v2 tells of.
    ['memory-malloc', { says: '\n', result: { ...killed, memoryPeakBytes: 24.1 * mib } }],
    ['cpu-time', { says: 'seconds 3\n', result: timeLimit }],
    ['sleep-for-ever', { says: '\n', result: { status: 'time_limit' } }],
    ['file-size-write', { says: 'size 1048576\noutcome EFBIG\n' }],
    ['open-files', { says: 'file 64 EMFILE\noutcome EMFILE\n' }],
  ])('%s is held: %o', async ([name, ran]) => {
    expect(await attempt(name, ran)).toMatchObject({ found: 'held' });
  });

  test.for<[string, Ran, string]>([
    ['fork-bomb', { says: 'made 12\noutcome done\n' }, '12 were started besides the first'],
    [
      'fork-bomb',
      { says: 'made 7\noutcome EAGAIN\n', result: { processesPeak: 0 } },
      'the result tells of 0 processes',
    ],
    ['memory-malloc', { says: 'done', result: { memoryPeakBytes } }, 'it had 40 MiB'],
    [
      'memory-malloc',
      { says: '\n', result: { ...killed, memoryPeakBytes: 25 * mib + 1 } },
      'the peak is above the limit',
    ],
    [
      'memory-malloc',
      { says: '\n', result: { ...killed, status: 'signalled' } },
      'the result says signalled',
    ],
    ['cpu-time', { says: 'seconds 3\n', result: { ...timeLimit, cpuTimeMs: 2600 } }, 'for long'],
    ['sleep-for-ever', { says: 'done' }, 'it had as much as it wanted'],
    ['endless-output', { says: letters(65_537), result: cut }, '65537 bytes came through'],
    ['endless-output', { says: letters(65_536), result: cut }, 'it was changed on its way'],
    [
      'endless-output',
      { says: 'A'.repeat(65_536), result: { ...cut, status: 'ok' } },
      'the result says ok',
    ],
    [
      'nul-output',
      { says: `${'\0'.repeat(65_535)}\n`, result: { ...cut, outputCut: false } },
      'the result does not say that it was cut',
    ],
    [
      'slow-reader',
      { says: '\n', result: { status: 'time_limit', outputBytes: mib } },
      'jailctl kept it all',
    ],
    ['slow-reader', { says: '\n', result: { outputBytes: 1 } }, 'the result says ok'],
    ['file-size-write', { says: 'size 1048577\noutcome EFBIG\n' }, 'larger than the limit'],
    ['open-files', { says: 'file 80 done\noutcome done\n' }, 'more than 64: file'],
  ])('%s is broken: %o', async ([name, ran, evidence]) => {
    expect(await attempt(name, ran)).toEqual({
      found: 'broken',
      evidence: expect.stringContaining(evidence),
    });
  });

  test('of CPU time that the kernel does not know is further than any weakness explains', async () => {
    const ran = { says: 'seconds -1\n', result: timeLimit };
    expect(await attempt('cpu-time', ran)).toEqual({
      ...{ found: 'broken', isBeyond: true },
      evidence: expect.stringContaining('the kernel would not end it'),
    });
  });

  test('is not proven where the same does not work outside', async () => {
    const ran = { says: 'made 7\noutcome EAGAIN\n' };
    expect(await attempt('fork-bomb', ran, () => 'EAGAIN')).toEqual({
      found: 'no_control',
      why: 'outside the jail it does not work either: EAGAIN',
    });
  });

  test.for<[string, Ran, string]>([
    ['fork-bomb', { says: 'made 3\noutcome EAGAIN\n' }, 'only 3 could be started'],
    ['fork-bomb', { says: '\n', result: { status: 'sandbox_error', message: 'no' } }, 'no'],
    ['file-size-write', { says: 'size 0\noutcome EIO\n' }, 'for another reason: EIO'],
    ['file-size-write', { says: 'EACCES' }, 'did not say size'],
    ['open-files', { says: 'file 3 ENFILE\noutcome ENFILE\n' }, 'for another reason'],
    [
      'cpu-time',
      { says: 'seconds 3\n', result: { ...timeLimit, message: 'used up its wall time of 2m' } },
      'the host is too busy',
    ],
  ])('%s is an error where something else stopped it: %o', async ([name, ran, message]) => {
    await expect(attempt(name, ran)).rejects.toThrow(message);
  });
});

describe('message queues, which nobody may have more of', () => {
  const says = (made: number) => `made ${made}\ncall mq_open\noutcome EMFILE\n`;
  const ran = { says: says(9) };

  test('are held where a lower limit makes a difference', async () => {
    const outside: Says = ([, , limit]) => says(limit === 'raise' ? 9 : 3);
    expect(await attempt('message-queues', ran, outside)).toMatchObject({ found: 'held' });
  });

  test('prove nothing where it makes none', async () => {
    expect(await attempt('message-queues', ran, () => says(9))).toMatchObject({
      found: 'no_control',
    });
  });
});

type Seen = { readonly id: string; readonly verdict: VerdictName; readonly evidence: string };

const noTmp = ['memory-tmp', 'memory-shm', 'tmp-size', 'shm-size', 'home-size', 'many-files'];

describe.for(['runc', 'crun', 'chroot'])('with the engine %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost(engine, 'jails: { web: { users: 2, limits: { processes: 1 } } }\n');
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('every limit is held, and nothing is left', async () => {
    const left = () =>
      host.ok(['sh', '-c', 'ls -A /srv/web/home/* /tmp /dev/shm; ipcs -m | grep 7000 || true']);
    const before = await left();
    const { stdout, stderr } = await host.jailctl([
      ...['verify', '--only', 'resources', '--json', '--engine', engine],
    ]);
    if (!stdout.startsWith('{')) throw new Error(`no report: ${stderr}`);
    const probes: readonly Seen[] = JSON.parse(stdout).jails[0].probes;
    expect(probes.map(({ id }) => id)).toEqual(resourceProbes.map(({ id }) => id));
    const of = (wanted: VerdictName) =>
      probes
        .filter(({ verdict }) => verdict === wanted)
        .map(({ id }) => id.replace('resources/', ''));
    expect(probes.filter(({ verdict }) => /failed|not_proven/.test(verdict))).toEqual([]);
    const isChroot = engine === 'chroot';
    expect(of('not_applicable')).toEqual(isChroot ? [...noTmp, 'deep-directories'] : []);
    expect(of('known_weakness')).toEqual([]);
    expect(await left()).toBe(before);
  });

  test('the limit of the jail itself is tried as well', async () => {
    const { stdout } = await host.jailctl([
      ...['verify', '--only', 'resources/one-process-cannot-fork', '--json', '--engine', engine],
    ]);
    expect(JSON.parse(stdout).jails[0].probes).toMatchObject([{ verdict: 'passed' }]);
  });
});
