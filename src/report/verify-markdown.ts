import { groupNames, groupOf } from '../verify/probe.ts';
import { type Verdict, type VerdictName, verdictNames } from '../verify/verdict.ts';
import { countVerdicts, type VerifyReport } from '../verify/verify-report.ts';
import { code, plain, table } from './markdown.ts';
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

function countsRow(label: string, verdicts: readonly Verdict[]): readonly string[] {
  const counts = countVerdicts(verdicts);
  return [label, ...verdictNames.map((name) => String(counts[name]))];
}

function countsTable(verdicts: readonly Verdict[]): string {
  const groups = groupNames.flatMap((group) => {
    const some = verdicts.filter(({ probe }) => groupOf(probe) === group);
    return some.length === 0 ? [] : [countsRow(group, some)];
  });
  const head = ['group', ...verdictNames.map((name) => verdictWords[name])];
  return table(head, [...groups, countsRow('**all**', verdicts)]);
}

function probeCell({ probe }: Verdict): string {
  return `${code(probe.id)}<br>${plain(probe.title)}`;
}

function failures(verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.length === 0) return [];
  const rows = bySeverity(verdicts).map((one) => {
    const { severity, layer, gain, remedy } = one.probe;
    return [probeCell(one), severity, code(layer), code(one.evidence), plain(gain), plain(remedy)];
  });
  const head = ['failed', 'severity', 'layer', 'seen', 'what an attacker has', 'how to close it'];
  return [table(head, rows)];
}

function reasons(title: string, verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.length === 0) return [];
  const rows = verdicts.map((one) => [probeCell(one), one.probe.severity, code(one.evidence)]);
  return [table([title, 'severity', 'why'], rows)];
}

function mark(report: VerifyReport): string {
  return conclusionOf(report) === 'holds' ? '✅' : '❌';
}

function section(report: VerifyReport): readonly string[] {
  return report.jails.flatMap(({ subject, verdicts }) => {
    const those = (name: VerdictName) => verdicts.filter(({ verdict }) => verdict === name);
    const { jail, engine } = subject;
    return [
      `## ${mark(report)} ${statementOn(report, code(jail.name))}\n`,
      `${countsText(countVerdicts(verdicts))}. Attacked at ${code(jail.path)} by the engine ${engine}.\n`,
      countsTable(verdicts),
      ...failures(those('failed')),
      ...reasons(verdictWords.not_proven, those('not_proven')),
      ...reasons(`known weakness with ${engine}`, those('known_weakness')),
      ...reasons(verdictWords.not_applicable, those('not_applicable')),
    ];
  });
}

/** A verification as Markdown, for a comment or the summary of a job. */
export function verificationMarkdown(report: VerifyReport): string {
  const several = report.jails.length > 1;
  const counts = countsText(countVerdicts(allVerdicts(report)));
  return [
    ...(several ? [`## ${mark(report)} ${statementOnAll(report)}\n`, `${counts}.\n`] : []),
    ...(report.jails.length === 0 ? ['## ❌ no jail was attacked\n'] : []),
    ...reportsByJail(report).flatMap(section),
  ].join('\n');
}
