import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Probe } from '../../src/verify/probe.ts';
import type { Range } from '../../src/verify/range.ts';
import { runProbes, tryProbe } from '../../src/verify/run-probes.ts';
import {
  beyond,
  broken,
  type Finding,
  held,
  noControl,
  type Verdict,
} from '../../src/verify/verdict.ts';
import { probe, scriptedRange } from './scripted.ts';

const nothing = () => 'done';
const newRange = () => scriptedRange({ outside: nothing, inside: nothing });

function fail(message: string, cause?: unknown): never {
  throw new Error(message, cause === undefined ? {} : { cause });
}

const verdictOf = (finding: Finding | (() => never), more: Partial<Probe> = {}) => {
  const attempt = async () => (typeof finding === 'function' ? finding() : finding);
  return tryProbe(probe('files/one', { attempt, ...more }), newRange(), () => 0);
};

describe('a verdict', () => {
  test('passed: the attempt was held', async () => {
    expect(await verdictOf(held('EPERM'))).toMatchObject({ verdict: 'passed', evidence: 'EPERM' });
  });

  test('failed: the attempt worked', async () => {
    expect(await verdictOf(broken('it got out'))).toMatchObject({ verdict: 'failed' });
  });

  test('known_weakness: it worked, on an engine that is known not to stop it', async () => {
    const weakOn = () => 'chroot has no such layer';
    expect(await verdictOf(broken('it got out'), { weakOn })).toMatchObject({
      verdict: 'known_weakness',
      evidence: 'it got out; chroot has no such layer',
    });
  });

  test('failed: it worked further than what is known of the engine explains', async () => {
    const weakOn = () => 'a shared network';
    expect(await verdictOf(beyond('it read a file of the host'), { weakOn })).toMatchObject({
      verdict: 'failed',
      evidence: 'it read a file of the host',
    });
  });

  test('an engine that is known to be weak passes where it holds, and proves nothing without a control', async () => {
    const weakOn = () => 'chroot has no such layer';
    expect(await verdictOf(held('EPERM'), { weakOn })).toMatchObject({ verdict: 'passed' });
    expect(await verdictOf(noControl('no IPv6'), { weakOn })).toMatchObject({
      verdict: 'not_proven',
      isError: false,
    });
  });

  test('not_applicable: there is nothing to attack, and nothing is tried', async () => {
    const attempt = () => fail('it was tried');
    const verdict = await verdictOf(attempt, { moot: () => 'no allow-list' });
    expect(verdict).toMatchObject({ verdict: 'not_applicable', evidence: 'no allow-list' });
  });

  test('not_proven: there was no control', async () => {
    expect(await verdictOf(noControl('no IPv6 here'))).toMatchObject({
      verdict: 'not_proven',
      evidence: 'no IPv6 here',
      isError: false,
    });
  });

  const wrong: readonly (readonly [string, Partial<Probe>])[] = [
    ['the attempt', { attempt: async () => fail('it broke', new Error('no such file')) }],
    [
      'the attempt, before it waits',
      { attempt: () => fail('it broke', new Error('no such file')) },
    ],
    ['what tells whether it is moot', { moot: () => fail('it broke', new Error('no such file')) }],
    [
      'what tells whether the engine is weak',
      {
        attempt: async () => broken('it got out'),
        weakOn: () => fail('it broke', new Error('no such file')),
      },
    ],
  ];
  test.for(wrong)('not_proven, as an error: %s throws', async ([, more]) => {
    const verdict = await tryProbe(probe('files/one', more), newRange(), () => 0);
    expect(verdict).toMatchObject({
      verdict: 'not_proven',
      isError: true,
      evidence: 'the attempt went wrong: it broke: no such file',
    });
  });

  test('has the time that it took, in whole milliseconds', async () => {
    const clock = [100, 223.6];
    const verdict = await tryProbe(probe('files/one'), newRange(), () => clock.shift() ?? 0);
    expect(verdict.timeMs).toBe(124);
  });
});

/** Notes what is tried, and by which range; each attempt goes on until it is let go. */
class Course {
  readonly started: string[] = [];
  readonly heard: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly ranges: Range[] = [];

  probe(id: string, more: Partial<Probe> = {}): Probe {
    const attempt = async (range: Range): Promise<Finding> => {
      this.started.push(`${id} by ${this.ranges.indexOf(range)}`);
      await new Promise<void>((resolve) => this.#ends.set(id, resolve));
      return held('EPERM');
    };
    return probe(id, { attempt, ...more });
  }

  async end(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.#ends.get(id)?.();
      await nextTurn();
    }
  }

  run(lanes: number, probes: readonly Probe[], signal = new AbortController().signal) {
    const [first, ...others] = Array.from({ length: lanes }, newRange);
    if (first === undefined) throw new Error('no lane');
    this.ranges.push(first, ...others);
    return runProbes(probes, {
      ranges: [first, ...others],
      nowMs: () => 0,
      signal,
      onVerdict: ({ probe: { id } }) => this.heard.push(id),
    });
  }
}

const idsOf = (verdicts: readonly Verdict[]) => verdicts.map(({ probe: { id } }) => id);

describe('the runner', () => {
  test('tries as many probes at once as there are lanes, each with a range of its own', async () => {
    const course = new Course();
    const names = ['files/a', 'files/b', 'files/c'];
    const running = course.run(
      2,
      names.map((id) => course.probe(id)),
    );
    await nextTurn();
    expect(course.started).toEqual(['files/a by 0', 'files/b by 1']);
    await course.end('files/b');
    expect(course.started.at(-1)).toBe('files/c by 1');
    await course.end('files/c', 'files/a');
    expect(idsOf(await running)).toEqual(names);
    expect(course.heard).toEqual(['files/b', 'files/c', 'files/a']);
  });

  test('tries those that must be alone, or take a second user, when nothing else runs', async () => {
    const course = new Course();
    const running = course.run(3, [
      course.probe('files/alone', { alone: true }),
      course.probe('files/pair', { needs: 'sibling' }),
      course.probe('files/a'),
      course.probe('files/b'),
    ]);
    await nextTurn();
    expect(course.started).toEqual(['files/a by 0', 'files/b by 1']);
    await course.end('files/a');
    expect(course.started).toHaveLength(2);
    await course.end('files/b');
    expect(course.started.slice(2)).toEqual(['files/alone by 0']);
    await course.end('files/alone');
    expect(course.started.slice(3)).toEqual(['files/pair by 0']);
    await course.end('files/pair');
    expect(idsOf(await running)).toEqual(['files/alone', 'files/pair', 'files/a', 'files/b']);
  });

  test('goes on after a probe that throws', async () => {
    const course = new Course();
    const probes = [
      probe('files/wrong', { attempt: () => fail('it broke') }),
      probe('files/right'),
    ];
    const verdicts = await course.run(1, probes);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['not_proven', 'passed']);
  });

  test('starts no more when it is interrupted, and drops what was cut off', async () => {
    const course = new Course();
    const interrupt = new AbortController();
    const names = ['files/a', 'files/b', 'files/c'];
    const probes = [...names.map((id) => course.probe(id)), probe('files/last', { alone: true })];
    const running = course.run(1, probes, interrupt.signal);
    await nextTurn();
    await course.end('files/a');
    interrupt.abort();
    await course.end('files/b');
    expect(idsOf(await running)).toEqual(['files/a']);
    expect(course.started).toEqual(['files/a by 0', 'files/b by 0']);
    expect(course.heard).toEqual(['files/a']);
  });

  test('tries nothing when it was interrupted before', async () => {
    const course = new Course();
    expect(await course.run(2, [course.probe('files/a')], AbortSignal.abort())).toEqual([]);
    expect(course.started).toEqual([]);
  });

  test('waits for the other lanes when nobody takes a verdict', async () => {
    let isOver = false;
    const slow = probe('files/slow', {
      attempt: async () => {
        await nextTurn();
        isOver = true;
        return held('EPERM');
      },
    });
    const running = runProbes([probe('files/fast'), slow], {
      ranges: [newRange(), newRange()],
      nowMs: () => 0,
      signal: new AbortController().signal,
      onVerdict: () => fail('the screen is gone'),
    });
    await expect(running).rejects.toThrow('the screen is gone');
    expect(isOver).toBe(true);
  });

  test('has nothing to say about no probes', async () => {
    expect(await new Course().run(2, [])).toEqual([]);
  });
});
