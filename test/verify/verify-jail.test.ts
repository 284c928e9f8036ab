import { describe, expect, test } from 'vitest';
import type { JailUser } from '../../src/model/settings.ts';
import type { JailRunner } from '../../src/run/jail-runner.ts';
import type { Probe } from '../../src/verify/probe.ts';
import type { Subject, VerifyHost } from '../../src/verify/range.ts';
import { held } from '../../src/verify/verdict.ts';
import { type OpenJail, type VerifyMeans, verifyJail } from '../../src/verify/verify-jail.ts';
import { jailSettings } from '../rig/settings.ts';
import { probe } from './scripted.ts';

const users = (count: number): readonly JailUser[] =>
  Array.from({ length: count }, (_, at) => ({ name: `web${at + 1}`, uid: 70_000 + at }));

/** What happens, in its order. */
class Course {
  readonly events: string[] = [];

  jail(name: string, count: number): OpenJail {
    const jail = jailSettings(name, users(count), { mode: 'none', refusal: 'reject' });
    return {
      subject: { jail, engine: 'runc', isForeign: false } as unknown as Subject,
      helper: '/probe',
      openRunner: async () => {
        this.events.push(`${name} opened`);
        const close = async () => void this.events.push(`${name} closed`);
        return { [Symbol.asyncDispose]: close } as unknown as JailRunner;
      },
    };
  }

  probe(id: string, needs?: Probe['needs']): Probe {
    return probe(id, {
      ...(needs !== undefined && { needs }),
      attempt: async (range) => {
        const other = needs === 'neighbour' ? range.neighbour().user : range.user;
        this.events.push(`${id} with ${other.name}`);
        return held('EPERM');
      },
    });
  }

  means(probes: readonly Probe[], more: Partial<VerifyMeans> = {}): VerifyMeans {
    return {
      host: {} as VerifyHost,
      probes,
      takeTurn: async () => {
        this.events.push('turn');
        return { [Symbol.dispose]: () => void this.events.push('turn over') };
      },
      nowMs: () => 0,
      signal: new AbortController().signal,
      onVerdict: () => {},
      ...more,
    };
  }
}

async function verdicts(course: Course, count: number, means: VerifyMeans) {
  const { verdicts } = await verifyJail(course.jail('web', count), means);
  return verdicts.map(({ probe: { id }, verdict, evidence }) => `${id} ${verdict}: ${evidence}`);
}

describe('a verification of a jail', () => {
  test('gives back its own users before it waits for those of two jails', async () => {
    const course = new Course();
    const probes = [course.probe('files/pair', 'neighbour'), course.probe('files/own')];
    const means = course.means(probes, { neighbour: course.jail('other', 1) });
    expect(await verdicts(course, 1, means)).toEqual([
      'files/pair passed: EPERM',
      'files/own passed: EPERM',
    ]);
    expect(course.events).toEqual([
      ...['web opened', 'files/own with web1', 'web closed', 'turn'],
      ...['web opened', 'other opened', 'files/pair with web1', 'other closed', 'web closed'],
      'turn over',
    ]);
  });

  test('waits for no turn when it needs no other jail', async () => {
    const course = new Course();
    await verdicts(course, 1, course.means([course.probe('files/own')]));
    expect(course.events).not.toContain('turn');
  });

  test('tries nothing that needs somebody who is not there', async () => {
    const course = new Course();
    const probes = [course.probe('files/a', 'sibling'), course.probe('files/b', 'neighbour')];
    expect(await verdicts(course, 1, course.means(probes))).toEqual([
      'files/a not_applicable: the jail has one user: nobody of it to attack',
      'files/b not_applicable: the host has no other jail with a user',
    ]);
    expect(course.events).not.toContain('turn');
  });

  test('takes no turn after an interrupt', async () => {
    const course = new Course();
    const interrupt = new AbortController();
    const last = probe('files/last', {
      attempt: async () => {
        interrupt.abort();
        return held('EPERM');
      },
    });
    const means = course.means([last, course.probe('files/pair', 'neighbour')], {
      neighbour: course.jail('other', 1),
      signal: interrupt.signal,
    });
    expect(await verdicts(course, 1, means)).toEqual([]);
    expect(course.events).toEqual(['web opened', 'web closed']);
  });

  test('has its controls end with an interrupt', async () => {
    const course = new Course();
    const interrupt = new AbortController();
    const signals: unknown[] = [];
    const outside = async (_: unknown, options?: { signal?: AbortSignal }) => {
      signals.push(options?.signal);
      return { outcome: 'done', facts: new Map(), output: '' };
    };
    const control = probe('files/control', {
      attempt: async ({ host }) => {
        await host.outside(['x'], { as: 1 });
        return held('EPERM');
      },
    });
    const host = { outside } as unknown as VerifyHost;
    await verdicts(course, 1, course.means([control], { host, signal: interrupt.signal }));
    expect(signals).toEqual([interrupt.signal]);
  });

  test('needs users', async () => {
    const course = new Course();
    await expect(verifyJail(course.jail('web', 0), course.means([]))).rejects.toThrow(
      'jail web has no users',
    );
  });
});
