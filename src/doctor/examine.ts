import type { UidRange } from '../model/uid-range.ts';
import type { Check, ExaminedHost, Finding } from './check.ts';

/** What a check has found. */
export interface Examination {
  readonly id: string;
  readonly title: string;
  /** That of its worst finding. */
  readonly status: 'ok' | Finding['status'];
  readonly findings: readonly Finding[];
}

function worstOf(findings: readonly Finding[]): Examination['status'] {
  if (findings.some(({ status }) => status === 'problem')) return 'problem';
  return findings.length > 0 ? 'warning' : 'ok';
}

export function examine(host: ExaminedHost, checks: readonly Check[]): readonly Examination[] {
  return checks.map((check) => {
    const findings = check.examine(host);
    return { id: check.id, title: check.title, status: worstOf(findings), findings };
  });
}

/** What is said of a host. */
export interface DoctorReport {
  /** The pools of UIDs that were looked for. */
  readonly pools: readonly UidRange[];
  readonly examinations: readonly Examination[];
}
