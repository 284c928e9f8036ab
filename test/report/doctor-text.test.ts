import { expect, test } from 'vitest';
import type { DoctorReport, Examination } from '../../src/doctor/examine.ts';
import { formatDoctor } from '../../src/report/doctor-text.ts';

const finding = {
  status: 'problem',
  message: '1,234 files of UID 70003, which nobody has',
  evidence: ['/tmp/left'],
  more: 1233,
  remedies: [{ does: 'deletes them', command: 'find / -xdev -uid 70003 -delete' }],
} as const;
const named = { id: 'x', title: 'files' } as const;
const pools = [
  { first: 70000, last: 70099 },
  { first: 80000, last: 80099 },
];

function text(...examinations: readonly Examination[]): readonly string[] {
  const report: DoctorReport = { pools, examinations };
  return formatDoctor(report, { color: false }).split('\n');
}

test('each check has a line, and what it found below', () => {
  expect(
    text(
      { ...named, status: 'ok', findings: [] },
      { ...named, status: 'problem', findings: [finding] },
    ),
  ).toEqual([
    'ok       files',
    'problem  files',
    '  ! 1,234 files of UID 70003, which nobody has',
    '      /tmp/left',
    '      … and 1,233 more',
    '    → deletes them: find / -xdev -uid 70003 -delete',
    '',
    'UIDs 70000-70099, 80000-80099: 1 problem, 0 warnings.',
    '',
  ]);
});

test('more than twenty findings of a check are counted only', () => {
  const findings = Array.from({ length: 25 }, () => finding);
  const lines = text({ ...named, status: 'problem', findings });
  expect(lines.filter((line) => line.startsWith('  !'))).toHaveLength(20);
  expect(lines).toContain('  … and 5 findings more (--json shows all)');
  expect(lines).toContain('UIDs 70000-70099, 80000-80099: 25 problems, 0 warnings.');
});
