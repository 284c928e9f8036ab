import type { DoctorReport } from '../doctor/examine.ts';

const formatVersion = '1.1';

/** What is wrong with a host, as `schemas/doctor.schema.json` describes it. */
export function doctorDocument({ pools, examinations }: DoctorReport): unknown {
  const findings = examinations.flatMap((one) => one.findings);
  const count = (wanted: string) => findings.filter(({ status }) => status === wanted).length;
  return {
    format_version: formatVersion,
    pools: pools.map(({ first, last }) => ({ first, last })),
    summary: {
      problems: count('problem'),
      warnings: count('warning'),
      unknown: count('unknown'),
    },
    checks: examinations.map(({ id, title, status, findings: found }) => ({
      ...{ id, title, status },
      findings: found.map(({ status: grade, message, evidence, more, remedies }) => ({
        ...{ status: grade, message, evidence, more },
        remedies: remedies.map(({ does, command, manifest }) => ({
          does,
          ...(command === undefined ? {} : { command }),
          ...(manifest === undefined ? {} : { manifest }),
        })),
      })),
    })),
  };
}
