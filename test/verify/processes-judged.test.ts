import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/run/run-result.ts';
import type { Probe } from '../../src/verify/probe.ts';
import { processProbes } from '../../src/verify/probes/processes.ts';
import { terminalProbes } from '../../src/verify/probes/terminal.ts';
import type { Action, OutsideOptions } from '../../src/verify/range.ts';
import { type Says, scriptedRange } from './scripted.ts';

const probes = [...processProbes, ...terminalProbes];

function named(id: string): Probe {
  const found = probes.find((probe) => probe.id === id);
  if (found === undefined) throw new Error(`there is no probe ${id}`);
  return found;
}

interface Script {
  readonly outside: Says;
  readonly inside: Says;
  readonly result?: Partial<RunResult>;
}

/** What a probe finds where the probe program and the run say this. */
function judged(id: string, { outside, inside, result }: Script) {
  const range = scriptedRange({ outside, inside });
  return named(id).attempt({
    ...range,
    inside: async (action) => {
      const answer = await range.inside(action);
      return { ...answer, result: { ...answer.result, copiedOut: [], ...result } };
    },
    host: { ...range.host, directory: '/run/nowhere' },
  });
}

/** Processes that are found on the host by the marks that they were started with. */
function hostWith(lives: (action: Action) => boolean) {
  const marks: string[] = [];
  const start = (action: Action) => {
    if (lives(action)) marks.push(...action.slice(1));
    return `lingers ${action[1]}\noutcome done\n`;
  };
  const find = ({ stdin = '' }: OutsideOptions) =>
    marks.includes(stdin) ? 'pid 4711\noutcome done\n' : 'absent';
  return { start, find };
}

// No mutation takes away what stops these: there is more than one thing that does.
describe('a daemon', () => {
  const from = (survives: { readonly inside: boolean; readonly outside: boolean }) => {
    const inJail = hostWith(() => survives.inside);
    const onHost = hostWith(() => survives.outside);
    return judged('processes/daemon', {
      inside: inJail.start,
      outside: (action, options) => {
        if (action[0] !== 'find-process') return onHost.start(action);
        const found = onHost.find(options);
        return found === 'absent' ? inJail.find(options) : found;
      },
    });
  };

  test('that is gone with its run holds, and one that runs on does not', async () => {
    expect(await from({ inside: false, outside: true })).toMatchObject({ found: 'held' });
    expect(await from({ inside: true, outside: true })).toEqual({
      found: 'broken',
      evidence: 'it runs on after the run, as process 4711',
    });
  });

  test('that would not survive outside either proves nothing', async () => {
    expect(await from({ inside: false, outside: false })).toMatchObject({ found: 'no_control' });
  });
});

describe.for([
  ['processes/ignores-signals', 'ignore'],
  ['processes/stops-itself', 'stop'],
  ['processes/sleeps-in-vfork', 'vfork'],
])('%s', ([id = '', how]) => {
  const from = (status: RunResult['status'], survives: boolean, control = 'done') => {
    const inJail = hostWith(() => survives);
    return judged(id, {
      inside: (action) => {
        expect(action[1]).toBe(how);
        return inJail.start(action);
      },
      outside: ([name], options) => (name === 'find-process' ? inJail.find(options) : control),
      result: { status },
    });
  };

  test('holds when its time is limited, and nothing of it is left', async () => {
    expect(await from('time_limit', false)).toMatchObject({ found: 'held' });
  });

  test('is broken when it ends otherwise, or something is left', async () => {
    expect(await from('ok', false)).toMatchObject({ found: 'broken' });
    expect(await from('time_limit', true)).toMatchObject({ found: 'broken' });
  });

  test('proves nothing where signals end it outside', async () => {
    expect(await from('time_limit', false, 'ended')).toMatchObject({ found: 'no_control' });
  });
});

test.for([
  ['held', 24, 'orphans 24\noutcome done\n'],
  ['broken', 24, 'orphans 7\noutcome no-room\n'],
  ['no_control', 0, 'orphans 24\noutcome done\n'],
])('orphans: %s with %s zombies outside', async ([found, zombies, said]) => {
  const finding = await judged('processes/orphans', {
    outside: () => `zombies ${zombies}\noutcome done\n`,
    inside: () => String(said),
  });
  expect(finding).toMatchObject({ found });
});

test('a name is held when exec shows it with escapes, and proves nothing when it is not told', async () => {
  const says = { outside: () => 'done', inside: () => 'own' };
  const id = 'terminal/escape-sequences';
  let from = '';
  const range = scriptedRange(says);
  const finding = await named(id).attempt({
    ...range,
    host: { ...range.host, directory: '/run/nowhere' },
    inside: async (action, options) => {
      from = options?.copyOut?.[0]?.from ?? '';
      const answer = await range.inside(action);
      const copiedOut = [{ from, to: '/nowhere', error: 'no such file' }];
      return { ...answer, result: { ...answer.result, message: from, copiedOut } };
    },
  });
  expect(from).toContain('\x1b[2J');
  expect(finding).toMatchObject({ found: 'held', evidence: expect.stringContaining('\\x1b[2J') });
  expect(finding).not.toMatchObject({ evidence: expect.stringContaining('\x1b') });
  expect(await judged(id, says)).toMatchObject({ found: 'no_control' });
});

describe('without a control', () => {
  // What the jail says would be a refusal: that alone is no proof.
  test.for(probes.map(({ id }) => [id]))('%s does not hold', async ([id = '']) => {
    for (const refusal of ['EPERM', 'ESRCH', 'ENOENT', 'EACCES', 'ENOSYS', 'absent', 'own']) {
      const finding = await judged(id, {
        outside: () => 'EFAULT',
        inside: () => refusal,
      }).catch(() => undefined);
      expect(finding).not.toMatchObject({ found: 'held' });
    }
  });
});
