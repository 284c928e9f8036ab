import { plural } from '../model/numbers.ts';
import { groupNames, groupOf } from '../verify/probe.ts';
import { type Verdict, type VerdictName, verdictNames } from '../verify/verdict.ts';
import type { JailVerification } from '../verify/verify-jail.ts';
import { countVerdicts, type VerifyReport } from '../verify/verify-report.ts';
import { type Paint, painter, type Style } from './paint.ts';
import { columnsMax, indented, labelled, wrap } from './verify-lines.ts';
import {
  allVerdicts,
  bySeverity,
  conclusionOf,
  countsText,
  reportsByJail,
  statementOn,
  statementOnAll,
  verdictWords,
} from './verify-words.ts';

const style: Readonly<Record<VerdictName, Style>> = {
  passed: 'green',
  failed: 'red',
  not_proven: 'yellow',
  known_weakness: 'yellow',
  not_applicable: 'dim',
};

/** Columns of the names of groups, and of what a failure's lines are called. */
const groupColumns = 11;
const labelColumns = 12;

function row(label: string, verdicts: readonly Verdict[], paint: Paint): string {
  const counts = countVerdicts(verdicts);
  const cells = verdictNames.map((name) => {
    const width = verdictWords[name].length + 2;
    const count = counts[name];
    return count === 0
      ? paint('dim', '-'.padStart(width))
      : paint(style[name], String(count).padStart(width));
  });
  return `  ${label.padEnd(groupColumns)}${cells.join('')}`;
}

/** How many there are of each verdict, by group. */
function table(verdicts: readonly Verdict[], paint: Paint): readonly string[] {
  const head = verdictNames.map((name) => `  ${verdictWords[name]}`).join('');
  const groups = groupNames.flatMap((group) => {
    const some = verdicts.filter(({ probe }) => groupOf(probe) === group);
    return some.length === 0 ? [] : [row(group, some, paint)];
  });
  return [
    paint('bold', `  ${'group'.padEnd(groupColumns)}${head}`),
    ...groups,
    row('all', verdicts, paint),
    '',
  ];
}

function failure({ probe, evidence }: Verdict, paint: Paint): readonly string[] {
  const line = (label: string, text: string) => labelled(label, text, labelColumns);
  return [
    `${paint('red', 'FAILED')} ${paint('bold', probe.id)} (${probe.severity})`,
    ...line('tried', probe.title),
    ...line('layer', `${probe.layer} did not stop it; expected was: ${probe.expected}`),
    ...line('seen', evidence),
    ...line('gain', probe.gain),
    ...line('close it', probe.remedy),
    '',
  ];
}

/** Probes with what they tried, and why they are listed. */
function listed(title: string, verdicts: readonly Verdict[], paint: Paint): readonly string[] {
  if (verdicts.length === 0) return [];
  const entries = verdicts.flatMap(({ probe, evidence }) => [
    ...indented(`${probe.id} (${probe.severity}): ${probe.title}`, 2, 4),
    ...indented(evidence, 6),
  ]);
  return [paint('yellow', `${title}:`), ...entries, ''];
}

/** Where there was nothing to attack; several probes have one reason. */
function notApplicable(verdicts: readonly Verdict[], paint: Paint): readonly string[] {
  const reasons = Map.groupBy(verdicts, ({ evidence }) => evidence);
  if (reasons.size === 0) return [];
  const entries = [...reasons].flatMap(([reason, some]) => [
    ...indented(reason, 2),
    ...indented(some.map(({ probe }) => probe.id).join(', '), 6),
  ]);
  return [`${verdictWords.not_applicable}:`, ...entries.map((line) => paint('dim', line)), ''];
}

function bottomLine(report: VerifyReport, text: string, paint: Paint): readonly string[] {
  const verdicts = allVerdicts(report);
  const color = conclusionOf(report) === 'holds' ? 'green' : 'red';
  return [
    ...wrap(
      `${plural(verdicts.length, 'probe')}: ${countsText(countVerdicts(verdicts))}`,
      columnsMax,
    ),
    ...wrap(text, columnsMax).map((line) => paint('bold', paint(color, line))),
  ];
}

function title({ jail, engine, isForeign }: JailVerification['subject']): string {
  const maker = isForeign ? ' (not made by jailctl)' : '';
  return `jail ${jail.name} at ${jail.path}${maker}, engine ${engine}`;
}

function section(report: VerifyReport, paint: Paint): readonly string[] {
  return report.jails.flatMap(({ subject, verdicts }) => {
    const those = (name: VerdictName) => verdicts.filter(({ verdict }) => verdict === name);
    const unproven = those('not_proven');
    return [
      ...wrap(title(subject), columnsMax).map((line) => paint('bold', line)),
      '',
      ...table(verdicts, paint),
      ...bySeverity(those('failed')).flatMap((one) => failure(one, paint)),
      ...listed(
        'went wrong, so not proven',
        unproven.filter(({ isError }) => isError),
        paint,
      ),
      ...listed(
        'not proven',
        unproven.filter(({ isError }) => !isError),
        paint,
      ),
      ...listed(`known weaknesses with ${subject.engine}`, those('known_weakness'), paint),
      ...notApplicable(those('not_applicable'), paint),
      ...bottomLine(report, statementOn(report, subject.jail.name), paint),
      '',
    ];
  });
}

function summary(report: VerifyReport, paint: Paint): readonly string[] {
  if (report.jails.length < 2) return [];
  const statements = reportsByJail(report).flatMap((one) =>
    one.jails.flatMap(({ subject }) => wrap(statementOn(one, subject.jail.name), columnsMax)),
  );
  return [
    paint('bold', 'summary'),
    '',
    ...statements,
    '',
    ...bottomLine(report, statementOnAll(report), paint),
    '',
  ];
}

/**
 * Writes a verification for a person, in 80 columns. Nothing in it steers the terminal.
 * @returns text that ends with a newline
 */
export function formatVerification(
  report: VerifyReport,
  options: { readonly color: boolean },
): string {
  const paint = painter(options.color);
  const lines = [
    ...reportsByJail(report).flatMap((one) => section(one, paint)),
    ...summary(report, paint),
  ];
  return lines.length === 0 ? 'no jail was attacked\n' : lines.join('\n');
}
