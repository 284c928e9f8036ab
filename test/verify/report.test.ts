import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonText } from '../../src/report/json-text.ts';
import { probesDocument, verificationDocument } from '../../src/report/verify-json.ts';
import { junitText } from '../../src/report/verify-junit.ts';
import { formatProbes } from '../../src/report/verify-list.ts';
import { verificationMarkdown } from '../../src/report/verify-markdown.ts';
import { formatVerification } from '../../src/report/verify-text.ts';
import { severities } from '../../src/verify/probe.ts';
import { verdictNames } from '../../src/verify/verdict.ts';
import { isProven, type VerifyReport } from '../../src/verify/verify-report.ts';
import { faults } from '../documents/schemas.ts';
import { everyKind, hostile, jailOf, probe, reportOf, verdict, wentWrong } from './sample.ts';

const plainText = (report: VerifyReport) => formatVerification(report, { color: false });
const passed = verdict(probe('files/a'), 'passed');

/** All that a terminal, or a reader of text, could take for more than text; but for line breaks. */
const harmful = /[^\n\P{C}]|[\p{Zl}\p{Zp}]/u;

const anyVerdict = fc
  .record({
    name: fc.constantFrom(...verdictNames),
    severity: fc.constantFrom(...severities),
    evidence: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(hostile)),
    goesWrong: fc.boolean(),
  })
  .map(({ name, severity, evidence, goesWrong }) =>
    verdict(probe('files/x', severity), name, evidence, {
      isError: name === 'not_proven' && goesWrong,
    }),
  );

const anyReport: fc.Arbitrary<VerifyReport> = fc
  .tuple(fc.array(fc.array(anyVerdict, { maxLength: 4 }), { maxLength: 3 }), fc.boolean())
  .map(([jails, isInterrupted]) =>
    reportOf(
      jails.map((verdicts, index) => jailOf(`j${index}`, verdicts)),
      isInterrupted || jails.length === 0,
    ),
  );

/** Written anew by `vitest run test/verify/report.test.ts --update`. */
describe('the golden report', () => {
  test.for([
    ['text', plainText(everyKind)],
    ['markdown', verificationMarkdown(everyKind)],
    ['junit', junitText(everyKind)],
  ] as const)('as %s', async ([name, text]) => {
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test('as JSON, by its schema', async () => {
    const text = jsonText(verificationDocument(everyKind), 2);
    expect(faults('verify', JSON.parse(text))).toEqual([]);
    await expect(text).toMatchFileSnapshot('../documents/golden/verify.txt');
  });

  test('of the list of probes', async () => {
    const probes = everyKind.jails.flatMap(({ verdicts }) => verdicts.map((one) => one.probe));
    const text = jsonText(probesDocument(probes), 2);
    expect(faults('verify', JSON.parse(text))).toEqual([]);
    await expect(text).toMatchFileSnapshot('../documents/golden/verify-list.txt');
    await expect(formatProbes(probes, { color: false })).toMatchFileSnapshot('golden/list.txt');
  });
});

describe('the text', () => {
  test('has no line of more than 80 columns, and nothing that steers a terminal', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const text = plainText(report);
        expect(text).not.toMatch(harmful);
        expect(text.at(-1)).toBe('\n');
        for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
      }),
    );
  });

  test('breaks a word that is longer than a line, and cuts what nobody would read', () => {
    const report = reportOf([
      jailOf('web', [verdict(probe('files/a'), 'failed', 'x'.repeat(9999))]),
    ]);
    const text = plainText(report);
    expect(text.match(/x{50,}/g)?.length).toBeGreaterThan(5);
    expect(text.length).toBeLessThan(3000);
    expect(text).toContain('x…');
  });

  test('has colours where they are wanted, and says the same without them', () => {
    const painted = formatVerification(everyKind, { color: true });
    expect(stripVTControlCharacters(painted)).toBe(plainText(everyKind));
    expect(painted).toContain('\x1b[31mFAILED');
  });

  test.for([
    ['jail web holds', [passed]],
    [
      'jail web holds, but for 2 known weaknesses (the worst is high) and 1 failure of low severity',
      [
        passed,
        verdict(probe('files/b'), 'known_weakness'),
        verdict(probe('files/c'), 'known_weakness'),
        verdict(probe('files/d', 'low'), 'failed'),
      ],
    ],
    [
      'jail web holds; 2 not proven (the worst is high)',
      [
        passed,
        verdict(probe('files/b', 'low'), 'not_proven'),
        verdict(probe('files/c'), 'not_proven'),
      ],
    ],
    [
      'jail web holds, but for 1 known weakness (the worst is low); 1 not proven (the worst is critical)',
      [
        passed,
        verdict(probe('files/b', 'low'), 'known_weakness'),
        verdict(probe('files/c', 'critical'), 'not_proven'),
      ],
    ],
    [
      'jail web does NOT hold: 1 failure of medium severity or above',
      [passed, verdict(probe('files/b', 'medium'), 'failed')],
    ],
    ['jail web is NOT proven to hold: 1 attempt went wrong', [passed, wentWrong(probe('files/b'))]],
    ['jail web is NOT proven to hold: no probe passed', []],
  ] as const)('ends with: %s', ([last, verdicts]) => {
    const lines = plainText(reportOf([jailOf('web', verdicts)]))
      .trimEnd()
      .split('\n');
    expect(lines.slice(-2).join(' ')).toContain(last);
  });

  test('of an interruption ends with it, also where no jail was attacked', () => {
    expect(plainText(reportOf([jailOf('a', [passed])], true))).toMatch(
      /NOT proven .*interrupted\n/,
    );
    expect(plainText(reportOf([], true))).toBe('no jail was attacked\n');
  });

  test('of several jails ends with a summary', () => {
    const bad = jailOf('b', [verdict(probe('files/b'), 'failed')]);
    const text = plainText(reportOf([jailOf('a', [passed]), bad]));
    expect(text).toMatch(
      /summary\n\njail a holds\njail b does NOT hold: .*\n\n.*\nNOT every jail holds: 1 of 2\n$/,
    );
    const good = plainText(reportOf([jailOf('a', [passed]), jailOf('b', [passed])]));
    expect(good.trimEnd().split('\n').at(-1)).toBe('all 2 jails hold');
  });
});

describe('the JSON', () => {
  test('is as its schema says, whatever happened, and harmless on a terminal', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const text = jsonText(verificationDocument(report), 2);
        expect(faults('verify', JSON.parse(text))).toEqual([]);
        expect(text).not.toMatch(/[^\n\P{Cc}]|[\u202a-\u202e]/u);
      }),
    );
  });

  test('loses nothing of the evidence', () => {
    const report = reportOf([jailOf('web', [verdict(probe('files/a'), 'passed', hostile)])]);
    const read = JSON.parse(jsonText(verificationDocument(report)));
    expect(read.jails[0].probes[0].evidence).toBe(hostile);
  });
});

/** Reads XML with an independent parser. @returns [tag, attributes] of each element */
async function elements(xml: string): Promise<readonly [string, Record<string, string>][]> {
  const script =
    'import json, sys, xml.etree.ElementTree as e\n' +
    'root = e.fromstring(sys.stdin.buffer.read())\n' +
    'print(json.dumps([[x.tag, x.attrib] for x in root.iter()]))';
  const { stdout } = await execa('python3', ['-c', script], { input: xml });
  return JSON.parse(stdout);
}

describe('the JUnit XML', () => {
  test('is XML, with counts that are true', async () => {
    const all = await elements(junitText(everyKind));
    const count = (name: string) => all.filter(([tag]) => tag === name).length;
    const [, totals] = all[0] ?? [];
    expect(totals).toMatchObject({
      tests: String(count('testcase')),
      failures: String(count('failure')),
      errors: String(count('error')),
      skipped: String(count('skipped')),
    });
    expect([count('testsuite'), count('testcase')]).toEqual([2, 13]);
    const names = all.flatMap(([tag, { classname, name }]) =>
      tag === 'testcase' ? [`${classname} ${name}`] : [],
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('is XML whatever a tenant writes', async () => {
    const evil = fc.sample(fc.string({ unit: 'binary', minLength: 20 }), 300).join('');
    const verdicts = verdictNames.map((name) => verdict(probe('files/x'), name, hostile + evil));
    const all = await elements(junitText(reportOf([jailOf('web', verdicts)])));
    expect(all.filter(([tag]) => tag === 'testcase')).toHaveLength(5);
    expect(all.find(([tag]) => tag === 'failure')?.[1]['message']).toContain(']]> &amp; @admin');
  });

  test('looks like a success only when the verification is one', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const [, failures, errors] =
          /failures="(\d+)" errors="(\d+)"/.exec(junitText(report)) ?? [];
        const isGreen = failures === '0' && errors === '0';
        if (isGreen) expect(isProven(report)).toBe(true);
        const verdicts = report.jails.flatMap((jail) => jail.verdicts);
        if (isProven(report)) expect(errors).toBe('0');
        if (!verdicts.some((one) => one.verdict === 'failed'))
          expect(isGreen).toBe(isProven(report));
      }),
    );
  });
});

describe('the Markdown', () => {
  test('shows what a tenant wrote as code in one cell, and nothing else', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const text = verificationMarkdown(report);
        expect(text).not.toMatch(harmful);
        const cells = new Map<number, number>();
        for (const line of text.split('\n').filter((one) => one.startsWith('|'))) {
          // Outside of code nothing is left of the tenant's: neither a mention nor a tag.
          const outside = line.replaceAll(/`[^`]*`/g, 'code');
          expect(outside).not.toMatch(/@|evil|<(?!br>)|`/);
          const bars = outside.split('|').length;
          cells.set(bars, (cells.get(bars) ?? 0) + 1);
        }
        // Tables of 3 and 6 columns.
        expect([...cells.keys()].filter((bars) => bars !== 5 && bars !== 8)).toEqual([]);
      }),
    );
  });

  test('says what holds at the top', () => {
    expect(verificationMarkdown(reportOf([jailOf('web', [passed])]))).toMatch(
      /^## ✅ jail `web` holds\n/,
    );
    expect(verificationMarkdown(reportOf([], true))).toBe('## ❌ no jail was attacked\n');
  });
});
