import { parseAnswer } from '../../src/model/probe-answer.ts';
import type { Probe } from '../../src/verify/probe.ts';
import type { Action, InsideAnswer, OutsideOptions, Range } from '../../src/verify/range.ts';
import { type Finding, held } from '../../src/verify/verdict.ts';
import { jailSettings } from '../rig/settings.ts';

/** What the probe program says to an action: its last word, or all of it. */
export type Says = (action: Action, options: OutsideOptions) => string;

/** A range in which the probe program says what a test wants it to say. */
export function scriptedRange({ outside, inside }: { outside: Says; inside: Says }): Range {
  const answer = (text: string) => parseAnswer(text.includes('\n') ? text : `outcome ${text}\n`);
  const user = { name: 'web1', uid: 70000 };
  const run = async (action: Action) =>
    ({ ...answer(inside(action, {})), result: { message: 'it ended' } }) as InsideAnswer;
  return {
    subject: {
      jail: jailSettings('web', [user], { mode: 'none', refusal: 'reject' }),
      engine: 'runc',
      isForeign: false,
    },
    user,
    host: { outside: async (action: Action, options = {}) => answer(outside(action, options)) },
    inside: run,
  } as unknown as Range;
}

/** A probe that holds, but for what a test says. */
export function probe(id: string, more: Partial<Probe> = {}): Probe {
  return {
    id,
    title: 'tries something',
    severity: 'high',
    layer: 'seccomp',
    expected: 'EPERM',
    control: 'it works outside',
    gain: 'everything',
    remedy: 'close it',
    attempt: async (): Promise<Finding> => held('EPERM in the jail'),
    ...more,
  };
}
