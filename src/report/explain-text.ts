import type { PathExplanation, ToolsExplanation } from '../model/explanation.ts';
import { formatBytes, formatCount, plural } from '../model/numbers.ts';
import { printable } from '../model/printable.ts';

type Because = PathExplanation['chain'][number]['because'];

const because: Readonly<Record<Because, string>> = {
  requested: 'asked for',
  interpreter: 'runs',
  library: 'a library of',
  symlink: 'a link leads there from',
  'parent-directory': 'holds',
  'loaded-by-name': 'loaded by name by',
  made: 'made by jailctl, as in every jail',
};

/** The chain of reasons for one path, one link a line. */
export function formatPath({ jail, path, chain }: PathExplanation): string {
  const lines = chain.map((link, index) => {
    const next = chain[index + 1]?.path ?? '';
    const reason = `  ${printable(link.path)}: ${because[link.because]}`;
    if (link.because === 'made') return reason;
    return link.because === 'requested'
      ? `${reason} as "${printable(link.entry ?? '')}" at ${printable(link.requestedAt ?? '')}`
      : `${reason} ${printable(next)}`;
  });
  return `${printable(path)} is in jail ${jail}:\n${lines.join('\n')}\n`;
}

const leftOutShownMax = 20;

/** What each tool brings to a jail; a file that several of them need counts once. */
export function formatTools({ jail, tools, leftOut }: ToolsExplanation): string {
  const files = tools.reduce((sum, tool) => sum + tool.files, 0);
  const bytes = tools.reduce((sum, tool) => sum + tool.bytes, 0);
  const width = Math.max(...tools.map((tool) => printable(tool.entry).length), 0);
  const rows = tools.map(({ entry: name, requestedAt, files: count, bytes: size }) => {
    const entry = printable(name).padEnd(width);
    const amount = `${formatCount(count).padStart(6)} ${count === 1 ? 'file ' : 'files'} ${formatBytes(size).padStart(10)}`;
    return `  ${entry} ${amount}  ${printable(requestedAt)}`;
  });
  const left = leftOut
    .slice(0, leftOutShownMax)
    .map(({ path, why }) => `  ${printable(path)}: ${printable(why)}`);
  const more = leftOut.length - left.length;
  return [
    `jail ${jail}: ${plural(files, 'file')}, ${formatBytes(bytes)}`,
    ...rows,
    ...(left.length > 0 ? ['left out:', ...left] : []),
    ...(more > 0 ? [`  … and ${formatCount(more)} more (--json shows all)`] : []),
    '',
  ].join('\n');
}
