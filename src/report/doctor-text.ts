import type { Finding } from '../doctor/check.ts';
import type { DoctorReport, Examination } from '../doctor/examine.ts';
import { formatCount, plural } from '../model/numbers.ts';
import { printable } from '../model/printable.ts';
import { type Paint, painter, type Style } from './paint.ts';

const styles: Readonly<Record<Examination['status'], Style>> = {
  ok: 'green',
  info: 'green',
  unknown: 'yellow',
  warning: 'yellow',
  problem: 'red',
};

/** How many findings of one check are shown. */
const shownMax = 20;

function findingLines(finding: Finding, paint: Paint): readonly string[] {
  const { status, message, evidence, more, remedies } = finding;
  const mark = { info: '·', unknown: '?', warning: '!', problem: '!' }[status];
  return [
    `  ${paint(styles[status], mark)} ${printable(message)}`,
    ...evidence.map((one) => `      ${printable(one)}`),
    ...(more > 0 ? [`      … and ${formatCount(more)} more`] : []),
    ...remedies.map(({ does, command, manifest }) => {
      const said = manifest === undefined ? command : `${manifest} (in the manifest)`;
      const text = said === undefined ? does : `${does}: ${said}`;
      return `    ${paint('cyan', '→')} ${printable(text)}`;
    }),
  ];
}

function checkLines({ title, status, findings }: Examination, paint: Paint): readonly string[] {
  const rest = findings.length - shownMax;
  return [
    `${paint(styles[status], status.padEnd('problem'.length))}  ${title}`,
    ...findings.slice(0, shownMax).flatMap((finding) => findingLines(finding, paint)),
    ...(rest > 0 ? [`  … and ${plural(rest, 'finding')} more (--json shows all)`] : []),
  ];
}

/** Writes what is wrong with a host for a person. Names from the host can't steer the terminal. */
export function formatDoctor(
  { pools, examinations }: DoctorReport,
  options: { readonly color: boolean },
): string {
  const paint = painter(options.color);
  const findings = examinations.flatMap((one) => one.findings);
  const count = (wanted: string) => findings.filter(({ status }) => status === wanted).length;
  const ranges = pools.map(({ first, last }) => `${first}-${last}`).join(', ');
  const unknown = count('unknown') > 0 ? `, ${count('unknown')} unknown` : '';
  const counts = `${plural(count('problem'), 'problem')}, ${plural(count('warning'), 'warning')}${unknown}`;
  return [
    ...examinations.flatMap((one) => checkLines(one, paint)),
    '',
    paint('bold', `UIDs ${ranges}: ${counts}.`),
    '',
  ].join('\n');
}
