import { groupOf } from '../verify/probe.ts';
import type { Verdict } from '../verify/verdict.ts';
import type { VerifyReport } from '../verify/verify-report.ts';
import { type Below, type Case, junitDocument, type Suite } from './junit.ts';
import {
  allVerdicts,
  conclusionOf,
  reportsByJail,
  statementOn,
  verdictWords,
} from './verify-words.ts';

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

/** A verification as JUnit XML. */
export function junitText(report: VerifyReport): string {
  return junitDocument('jailctl verify', suitesOf(report));
}
