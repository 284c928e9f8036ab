import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noOutcome, parseAnswer } from '../../src/model/probe-answer.ts';

describe('an answer of the probe program', () => {
  test('has its facts and its outcome', () => {
    const answer = parseAnswer('call mount\nport 80\noutcome EPERM\n');
    expect(answer.outcome).toBe('EPERM');
    expect([...answer.facts]).toEqual([
      ['call', 'mount'],
      ['port', '80'],
      ['outcome', 'EPERM'],
    ]);
  });

  test.for([
    ['nothing was said', ''],
    ['it was cut off in the last line', 'call mount\noutcome EPE'],
    ['even when only the end of the line is missing', 'outcome done'],
    ['it says something else', 'Segmentation fault\n'],
    ['the name has capitals', 'Outcome done\n'],
    ['there is something before it', ' outcome done\n'],
    ['the name goes on', 'outcome: done\n'],
  ])('has no outcome when %s', ([, text = '']) => {
    expect(parseAnswer(text).outcome).toBe(noOutcome);
  });

  test('takes the last of several outcomes', () => {
    expect(parseAnswer('outcome done\noutcome EPERM\n').outcome).toBe('EPERM');
  });

  test('keeps blanks of a value, and a fact without a value is empty', () => {
    const { facts } = parseAnswer('text a  b \nready\n');
    expect([facts.get('text'), facts.get('ready')]).toEqual(['a  b ', '']);
  });

  test('hears no facts in what goes to standard error', () => {
    const answer = parseAnswer('outcome EPE', 'RM\noutcome done\n');
    expect(answer.outcome).toBe(noOutcome);
    expect(answer.output).toBe('outcome EPERM\noutcome done\n');
  });

  test('cut off anywhere says what all of it says, or nothing', () => {
    const outcome = fc.constantFrom('done', 'EPERM', 'ENOENT', 'E2BIG');
    fc.assert(
      fc.property(outcome, fc.nat(40), (word, length) => {
        const whole = `call open\noutcome ${word}\n`;
        expect([word, noOutcome]).toContain(parseAnswer(whole.slice(0, length)).outcome);
      }),
    );
  });
});
