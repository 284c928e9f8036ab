import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { JailRunner, RunRequest } from '../../src/run/jail-runner.ts';
import type { RunStreams } from '../../src/run/run-host.ts';
import type { RunResult } from '../../src/run/run-result.ts';
import { jailActions, rangeOf } from '../../src/verify/jail-range.ts';
import type { InsideOptions, Subject, VerifyHost } from '../../src/verify/range.ts';

const [first, second] = [
  { name: 'web1', uid: 70000 },
  { name: 'web2', uid: 70001 },
];
const result = { message: 'it ended' } as RunResult;

/** What a run does: with its streams, until it ends or is ended. */
type Program = (streams: Exclude<RunStreams, 'terminal'>, signal: AbortSignal) => Promise<void>;

/** Stands for a jail in which every run is this program. */
function runner(program: Program) {
  const requests: RunRequest[] = [];
  const run: JailRunner['run'] = async (request, streams, signal, canWait) => {
    expect(canWait).toBe(true);
    if (streams === 'terminal') throw new Error('a terminal was asked for');
    requests.push(request);
    await program(streams, signal);
    return result;
  };
  return { requests, run };
}

const never = new AbortController().signal;

/** The request that an action becomes. */
async function requestOf(options?: InsideOptions): Promise<RunRequest | undefined> {
  const jail = runner(async () => {});
  await jailActions(jail, '/dist/probe', never).inside(first, ['read-file', '/x'], options);
  return jail.requests[0];
}

describe('an action in a jail', () => {
  test('is the helper with its arguments, as the user', async () => {
    const request = await requestOf();
    expect(request).toMatchObject({
      argv: ['jailctl-probe', 'read-file', '/x'],
      helper: '/dist/probe',
      user: 'web1',
    });
  });

  test('has limits that are enough for any probe, over those of the jail', async () => {
    const { limits, allowRaise } = (await requestOf()) ?? {};
    expect(allowRaise).toBe(true);
    expect(limits).toContainEqual({ name: 'processes', value: 16 });
    expect(limits).toContainEqual({ name: 'wall_time', value: 20 });
  });

  test('has a limit of its own once', async () => {
    const own = [{ name: 'wall_time', value: 1 } as const];
    const { limits = [] } = (await requestOf({ limits: own })) ?? {};
    expect(limits.filter(({ name }) => name === 'wall_time')).toEqual(own);
    expect(limits).toContainEqual({ name: 'processes', value: 16 });
  });

  test('has the limits of the jail when it is told so', async () => {
    const request = await requestOf({ limits: 'declared' });
    expect(request).not.toHaveProperty('limits');
    expect(request).not.toHaveProperty('allowRaise');
  });

  test("can be another user's, with variables, home and copies", async () => {
    const copies = [{ from: '/a', to: '/b' }] as unknown as NonNullable<InsideOptions['copyIn']>;
    const options: InsideOptions = {
      ...{ user: second, variables: [['A', 'b']], home: 'fresh' },
      ...{ copyIn: copies, copyOut: copies },
    };
    expect(await requestOf(options)).toMatchObject({
      ...{ user: 'web2', variables: [['A', 'b']], home: 'fresh' },
      ...{ copyIn: copies, copyOut: copies },
    });
  });

  test('gives what it said, and the result of the run', async () => {
    const jail = runner(async ({ stdout, stderr }) => {
      stdout.write('call open\noutc');
      stderr.write('complaint\n');
      stdout.write('ome EPERM\n');
    });
    const answer = await jailActions(jail, '/probe', never).inside(first, ['x']);
    expect(answer).toMatchObject({ outcome: 'EPERM', result });
    expect(answer.output).toBe('call open\noutcome EPERM\ncomplaint\n');
  });

  test('reads what it is given', async () => {
    const jail = runner(async ({ stdin, stdout }) => {
      for await (const chunk of stdin ?? []) stdout.write(`text ${chunk}\n`);
    });
    const actions = jailActions(jail, '/probe', never);
    const { facts } = await actions.inside(first, ['x'], { stdin: 'abc' });
    expect(facts.get('text')).toBe('abc');
    expect((await actions.inside(first, ['x'])).facts.size).toBe(0);
  });
});

describe('an action that waits in a jail', () => {
  const waiting: Program = async ({ stdin, stdout }, signal) => {
    stdout.write('port 80\nrea');
    stdout.write('dy\n');
    stdin?.resume();
    await Promise.race([once(stdin ?? process.stdin, 'end'), once(signal, 'abort')]);
    stdout.write(signal.aborted ? 'outcome EINTR\n' : 'outcome done\n');
  };

  test('gives what it said when it is ready, and ends when its input does', async () => {
    const actions = jailActions(runner(waiting), '/probe', never);
    await using running = await actions.startInside(first, ['serve']);
    expect(running.facts.get('port')).toBe('80');
    expect((await running.end()).outcome).toBe('done');
    expect((await running.ended()).outcome).toBe('done');
  });

  test('is ended when nobody ends it', async () => {
    let over = false;
    const jail = runner(async (streams, signal) => {
      await waiting(streams, signal);
      over = true;
    });
    {
      await using _running = await jailActions(jail, '/probe', never).startInside(first, ['serve']);
    }
    expect(over).toBe(true);
  });

  test('is ended by an interrupt', async () => {
    const interrupt = new AbortController();
    const actions = jailActions(runner(waiting), '/probe', interrupt.signal);
    await using running = await actions.startInside(first, ['serve']);
    interrupt.abort();
    expect((await running.ended()).outcome).toBe('EINTR');
  });

  test('goes on after an interrupt where it clears up', async () => {
    const jail = runner(async ({ stdout }, signal) => {
      stdout.write(signal.aborted ? 'outcome EINTR\n' : 'outcome done\n');
    });
    const actions = jailActions(jail, '/probe', AbortSignal.abort());
    expect((await actions.inside(first, ['x'])).outcome).toBe('EINTR');
    expect((await actions.inside(first, ['x'], { toTheEnd: true })).outcome).toBe('done');
  });

  test('throws, with what it said, when it ends before it is ready', async () => {
    const jail = runner(async ({ stdout }) => void stdout.write('call bind\noutcome EACCES\n'));
    const starting = jailActions(jail, '/probe', never).startInside(first, ['serve']);
    await expect(starting).rejects.toThrow(/^serve was not ready: EACCES, it ended: call bind/);
  });

  test("throws when the run can't be", async () => {
    const jail = runner(async () => {
      throw new Error('no cgroup');
    });
    const starting = jailActions(jail, '/probe', never).startInside(first, ['serve']);
    await expect(starting).rejects.toThrow('no cgroup');
  });
});

test('a range without somebody to attack says so', () => {
  const range = rangeOf({
    subject: {} as Subject,
    host: {} as VerifyHost,
    actions: jailActions(
      runner(async () => {}),
      '/probe',
      never,
    ),
    user: first,
    sibling: undefined,
    neighbour: undefined,
  });
  expect(() => range.sibling()).toThrow('the jail has no other user');
  expect(() => range.neighbour()).toThrow('there is no other jail');
});
