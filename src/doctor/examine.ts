import { Failure } from '../model/failure.ts';
import type { UidRange } from '../model/uid-range.ts';
import { type Check, type ExaminedHost, type Finding, finding } from './check.ts';

/** What a check has found. */
export interface Examination {
  readonly id: string;
  readonly title: string;
  /** That of its worst finding. */
  readonly status: 'ok' | Finding['status'];
  readonly findings: readonly Finding[];
}

/** The worst first. */
const grades = ['problem', 'warning', 'unknown', 'info'] as const;

function worstOf(findings: readonly Finding[]): Examination['status'] {
  return grades.find((grade) => findings.some(({ status }) => status === grade)) ?? 'ok';
}

/** One that can't look must not keep the others from it. */
function findingsOf(check: Check, host: ExaminedHost): readonly Finding[] {
  if (check.needsRoot === true && !host.isRoot) {
    const remedy = { does: 'looks as root', command: 'sudo jailctl doctor' };
    return [finding('unknown', 'only root can see this', [remedy])];
  }
  try {
    return check.examine(host);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const remedies = error.hint === undefined ? [] : [{ does: error.hint }];
    return [finding('unknown', error.message, remedies)];
  }
}

export function examine(host: ExaminedHost, checks: readonly Check[]): readonly Examination[] {
  return checks.map((check) => {
    const findings = findingsOf(check, host);
    return { id: check.id, title: check.title, status: worstOf(findings), findings };
  });
}

/** What is said of a host. */
export interface DoctorReport {
  /** The pools of UIDs that were looked for. */
  readonly pools: readonly UidRange[];
  readonly examinations: readonly Examination[];
}
