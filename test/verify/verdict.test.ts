import { describe, expect, test } from 'vitest';
import { conclusionOf } from '../../src/report/verify-words.ts';
import { severities } from '../../src/verify/probe.ts';
import { broken, held, noControl, worst } from '../../src/verify/verdict.ts';
import { countVerdicts, isBreach, isProven } from '../../src/verify/verify-report.ts';
import { jailOf, probe, reportOf, verdict, wentWrong } from './sample.ts';

const passed = verdict(probe('files/a'), 'passed');
const low = verdict(probe('files/b', 'low'), 'failed');
const medium = verdict(probe('files/c', 'medium'), 'failed');
const unproven = verdict(probe('files/d'), 'not_proven');
const weak = verdict(probe('files/e', 'critical'), 'known_weakness');
const moot = verdict(probe('files/f', 'critical'), 'not_applicable');
const wrong = wentWrong(probe('files/g', 'low'));

describe('the worst of several findings', () => {
  const [good, bad, unknown] = [held('a'), broken('b'), noControl('c')];

  test('is a broken one, then one without a control', () => {
    expect(worst([good, unknown, bad])).toBe(bad);
    expect(worst([unknown, good])).toBe(unknown);
    expect(worst([good, held('d')])).toBe(good);
  });
});

describe('a breach', () => {
  test('is a failure of medium severity or above, and nothing else', () => {
    const breaches = severities.filter((one) => isBreach(verdict(probe('files/x', one), 'failed')));
    expect(breaches).toEqual(['critical', 'high', 'medium']);
    expect([passed, unproven, weak, moot, wrong].filter(isBreach)).toEqual([]);
  });
});

describe('counts of verdicts', () => {
  test('have every verdict, also where there is none', () => {
    expect(countVerdicts([])).toEqual({
      ...{ passed: 0, failed: 0, not_proven: 0, known_weakness: 0, not_applicable: 0 },
    });
    expect(countVerdicts([passed, low, medium, unproven, weak, moot, wrong])).toEqual({
      ...{ passed: 1, failed: 2, not_proven: 2, known_weakness: 1, not_applicable: 1 },
    });
  });
});

describe('a verification', () => {
  test.for([
    ['holds', [passed]],
    ['holds', [passed, low, unproven, weak, moot]],
    ['does_not_hold', [passed, medium]],
    ['does_not_hold', [passed, medium, wrong]],
    ['not_proven', [passed, wrong]],
    ['not_proven', []],
    ['not_proven', [unproven, moot]],
    ['not_proven', [weak, low]],
  ] as const)('%s when it came to %#', ([conclusion, verdicts]) => {
    const report = reportOf([jailOf('web', verdicts)]);
    expect(conclusionOf(report)).toBe(conclusion);
    expect(isProven(report)).toBe(conclusion === 'holds');
  });

  test('of several jails needs a proof from each', () => {
    expect(isProven(reportOf([jailOf('a', [passed]), jailOf('b', [passed])]))).toBe(true);
    expect(isProven(reportOf([jailOf('a', [passed]), jailOf('b', [unproven])]))).toBe(false);
    expect(isProven(reportOf([jailOf('a', [medium]), jailOf('b', [passed])]))).toBe(false);
  });

  test('that was interrupted proves nothing, but a breach stays one', () => {
    const whole = reportOf([jailOf('web', [passed])], true);
    expect([isProven(whole), conclusionOf(whole)]).toEqual([false, 'interrupted']);
    expect(conclusionOf(reportOf([jailOf('web', [passed, medium])], true))).toBe('does_not_hold');
    expect(conclusionOf(reportOf([], true))).toBe('interrupted');
  });
});
