import { plural } from '../model/numbers.ts';
import { severities } from '../verify/probe.ts';
import type { Verdict, VerdictName } from '../verify/verdict.ts';
import { type Counts, isBreach, isProven, type VerifyReport } from '../verify/verify-report.ts';

/** What a verification comes to, in one word. All but `holds` are no success. */
export const conclusions = ['holds', 'does_not_hold', 'not_proven', 'interrupted'] as const;
export type Conclusion = (typeof conclusions)[number];

/** What each verdict is called in a text. */
export const verdictWords: Readonly<Record<VerdictName, string>> = {
  passed: 'passed',
  failed: 'failed',
  not_proven: 'not proven',
  known_weakness: 'known weakness',
  not_applicable: 'not applicable',
};

export function allVerdicts({ jails }: VerifyReport): readonly Verdict[] {
  return jails.flatMap(({ verdicts }) => verdicts);
}

/** A breach is one, whatever was not tried after it. */
export function conclusionOf(report: VerifyReport): Conclusion {
  if (isProven(report)) return 'holds';
  if (allVerdicts(report).some(isBreach)) return 'does_not_hold';
  return report.isInterrupted ? 'interrupted' : 'not_proven';
}

/** Each jail as a report of its own. Jails come one after the other: an interruption hits the last. */
export function reportsByJail({ jails, isInterrupted }: VerifyReport): readonly VerifyReport[] {
  return jails.map((jail) => ({
    jails: [jail],
    isInterrupted: isInterrupted && jail === jails.at(-1),
  }));
}

/** `112 passed, 3 not proven`: what there is none of is left out. */
export function countsText(counts: Counts): string {
  const parts = Object.entries(verdictWords).flatMap(([name, words]) => {
    const count = counts[name as VerdictName];
    const noun = name === 'known_weakness' && count > 1 ? 'known weaknesses' : words;
    return count === 0 ? [] : [`${count} ${noun}`];
  });
  return parts.length === 0 ? 'nothing was tried' : parts.join(', ');
}

/** What a jail that holds does not stop, and what nobody knows of it. */
function caveats(report: VerifyReport): string {
  const those = (name: VerdictName) =>
    bySeverity(allVerdicts(report).filter(({ verdict }) => verdict === name));
  const worst = (some: readonly Verdict[], words: string) =>
    some.slice(0, 1).map(({ probe }) => `${words} (the worst is ${probe.severity})`);
  const [weak, low, open] = [those('known_weakness'), those('failed'), those('not_proven')];
  const known = [
    ...worst(weak, plural(weak.length, 'known weakness', 'known weaknesses')),
    ...(low.length > 0 ? [`${plural(low.length, 'failure')} of low severity`] : []),
  ];
  const unproven = worst(open, `${open.length} not proven`);
  return [
    ...(known.length > 0 ? [`, but for ${known.join(' and ')}`] : []),
    ...unproven.map((words) => `; ${words}`),
  ].join('');
}

function whyNotProven(verdicts: readonly Verdict[]): string {
  const wrong = verdicts.filter(({ isError }) => isError).length;
  return wrong > 0 ? `${plural(wrong, 'attempt')} went wrong` : 'no probe passed';
}

/** `jail web does NOT hold: 2 failures of medium severity or above`, of a report on one jail. */
export function statementOn(report: VerifyReport, jail: string): string {
  const verdicts = allVerdicts(report);
  switch (conclusionOf(report)) {
    case 'holds':
      return `jail ${jail} holds${caveats(report)}`;
    case 'does_not_hold': {
      const breaches = verdicts.filter(isBreach).length;
      return `jail ${jail} does NOT hold: ${plural(breaches, 'failure')} of medium severity or above`;
    }
    case 'not_proven':
      return `jail ${jail} is NOT proven to hold: ${whyNotProven(verdicts)}`;
    case 'interrupted':
      return `jail ${jail} is NOT proven to hold: interrupted`;
  }
}

/** The last word on several jails. */
export function statementOnAll(report: VerifyReport): string {
  const all = report.jails.length;
  const held = reportsByJail(report).filter((one) => conclusionOf(one) === 'holds').length;
  const interrupted = report.isInterrupted ? '; interrupted' : '';
  return held === all && !report.isInterrupted
    ? `all ${all} jails hold`
    : `NOT every jail holds: ${held} of ${all}${interrupted}`;
}

/** The worst first, and else in their order. */
export function bySeverity(verdicts: readonly Verdict[]): readonly Verdict[] {
  return severities.flatMap((one) => verdicts.filter(({ probe }) => probe.severity === one));
}
