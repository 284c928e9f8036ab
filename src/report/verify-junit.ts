import { printable } from '../model/printable.ts';
import { groupOf } from '../verify/probe.ts';
import type { Verdict } from '../verify/verdict.ts';
import type { VerifyReport } from '../verify/verify-report.ts';
import {
  allVerdicts,
  conclusionOf,
  reportsByJail,
  statementOn,
  verdictWords,
} from './verify-words.ts';

/** What a reader of JUnit may find below a test case; a case with nothing below passed. */
interface Below {
  readonly element: 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly type?: string;
  readonly lines?: readonly string[];
}

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly timeMs: number;
  readonly below: Below | undefined;
}

interface Suite {
  readonly name: string;
  readonly engine: string | undefined;
  readonly cases: readonly Case[];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no controls, not even as references: they become escapes, as on a terminal. */
function xml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (sign) => entities[sign] ?? '');
}

function attributes(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}

function belowOf({ probe, verdict, evidence, isError }: Verdict): Below | undefined {
  if (verdict === 'passed') return undefined;
  if (isError) return { element: 'error', message: evidence, type: 'went_wrong' };
  if (verdict !== 'failed') {
    return { element: 'skipped', message: `${verdictWords[verdict]}: ${evidence}` };
  }
  const lines = [
    `tried: ${probe.title}`,
    `layer: ${probe.layer} did not stop it; expected was: ${probe.expected}`,
    `seen: ${evidence}`,
    `gain: ${probe.gain}`,
    `close it: ${probe.remedy}`,
  ];
  const message = `${probe.title}: ${evidence}`;
  return { element: 'failure', message, type: probe.severity, lines };
}

/** The jail's name is part of the class: GitLab takes cases of one class and name for one. */
function caseOf(jail: string, verdict: Verdict): Case {
  const { probe, timeMs } = verdict;
  const classname = `${jail}.${groupOf(probe)}`;
  return { classname, name: probe.id, timeMs, below: belowOf(verdict) };
}

/** Without an error of its own, an interruption, or a jail where nothing passed, would look good. */
function wholeCase(report: VerifyReport, jail: string): readonly Case[] {
  const isTold = allVerdicts(report).some(
    ({ verdict, isError }) => isError || verdict === 'failed',
  );
  if (conclusionOf(report) === 'holds' || (isTold && !report.isInterrupted)) return [];
  const message = report.isInterrupted
    ? 'the verification was interrupted'
    : statementOn(report, jail);
  const below = { element: 'error', message, type: conclusionOf(report) } as const;
  return [{ classname: jail, name: 'verification', timeMs: 0, below }];
}

function suitesOf(report: VerifyReport): readonly Suite[] {
  if (report.jails.length === 0) {
    return [{ name: 'jailctl verify', engine: undefined, cases: wholeCase(report, 'none') }];
  }
  return reportsByJail(report).flatMap((one) =>
    one.jails.map(({ subject, verdicts }) => {
      const { name } = subject.jail;
      const cases = [...verdicts.map((verdict) => caseOf(name, verdict)), ...wholeCase(one, name)];
      return { name: `jail ${name}`, engine: subject.engine, cases };
    }),
  );
}

function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3);
}

function tally(cases: readonly Case[]): Readonly<Record<string, string | number>> {
  const count = (element: string) => cases.filter(({ below }) => below?.element === element).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, { timeMs }) => sum + timeMs, 0)),
  };
}

function caseText({ classname, name, timeMs, below }: Case): string {
  const open = `    <testcase${attributes({ classname, name, time: seconds(timeMs) })}`;
  if (below === undefined) return `${open}/>\n`;
  const { element, message, type, lines = [] } = below;
  const start = `      <${element}${attributes({ message, ...(type !== undefined && { type }) })}`;
  const inner =
    lines.length === 0 ? `${start}/>` : `${start}>${lines.map(xml).join('\n')}</${element}>`;
  return `${open}>\n${inner}\n    </testcase>\n`;
}

function suiteText({ name, engine, cases }: Suite): string {
  const property = engine === undefined ? [] : [attributes({ name: 'engine', value: engine })];
  return [
    `  <testsuite${attributes({ name, ...tally(cases) })}>\n`,
    ...property.map((one) => `    <properties>\n      <property${one}/>\n    </properties>\n`),
    ...cases.map(caseText),
    '  </testsuite>\n',
  ].join('');
}

/** A verification as JUnit XML, as GitLab, Jenkins and actions of GitHub read it. */
export function junitText(report: VerifyReport): string {
  const suites = suitesOf(report);
  const all = tally(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites${attributes({ name: 'jailctl verify', ...all })}>\n`,
    ...suites.map(suiteText),
    '</testsuites>\n',
  ].join('');
}
