import { groupOf, type Probe } from '../verify/probe.ts';
import type { Verdict } from '../verify/verdict.ts';
import { countVerdicts, type VerifyReport } from '../verify/verify-report.ts';
import { allVerdicts, conclusionOf, reportsByJail } from './verify-words.ts';

const formatVersion = '1.0';

function probeFields(probe: Probe): object {
  const { id, title, severity, layer, expected, control, gain, remedy } = probe;
  return { id, group: groupOf(probe), title, severity, layer, expected, control, gain, remedy };
}

function verdictDocument({ probe, verdict, evidence, isError, timeMs }: Verdict): object {
  return { ...probeFields(probe), verdict, evidence, went_wrong: isError, time_ms: timeMs };
}

function jailDocuments(report: VerifyReport): readonly object[] {
  return report.jails.map(({ subject, verdicts }) => ({
    jail: subject.jail.name,
    path: subject.jail.path,
    engine: subject.engine,
    made_by_jailctl: !subject.isForeign,
    conclusion: conclusionOf(report),
    counts: countVerdicts(verdicts),
    probes: verdicts.map(verdictDocument),
  }));
}

/** A verification, as `schemas/verify.schema.json` describes it. */
export function verificationDocument(report: VerifyReport): unknown {
  return {
    format_version: formatVersion,
    conclusion: conclusionOf(report),
    interrupted: report.isInterrupted,
    counts: countVerdicts(allVerdicts(report)),
    jails: reportsByJail(report).flatMap(jailDocuments),
  };
}

/** What is tried, as `schemas/verify.schema.json` describes it. */
export function probesDocument(probes: readonly Probe[]): unknown {
  return { format_version: formatVersion, probes: probes.map(probeFields) };
}
