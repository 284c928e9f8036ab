import type { TreeNode } from '../../kinds/tree/node.ts';
import type { Change } from '../../model/change.ts';
import { formatBytes, formatCount, plural } from '../../model/numbers.ts';
import type { PlanLine } from './line.ts';
import { textDiff } from './text-diff.ts';

/** More changes of one kind are summed up by directory. */
const listedMax = 12;
const directoriesMax = 8;
/** `/usr/lib/python3.11`: deep enough to tell what it is. */
const summaryDepth = 3;

type TreeChange = Change<TreeNode>;

function nodeOf(change: TreeChange): TreeNode {
  return change.action === 'delete' ? change.before : change.after;
}

function bytesOf({ entry }: TreeNode): number {
  if (entry.type === 'file') return entry.sizeBytes;
  return entry.type === 'doomed-home' || entry.type === 'other' ? (entry.bytes ?? 0) : 0;
}

function total(changes: readonly TreeChange[]): number {
  return changes.reduce((sum, change) => sum + bytesOf(nodeOf(change)), 0);
}

/** Text of a file that jailctl writes itself; none for a binary one. */
function ownText({ entry }: TreeNode): string | undefined {
  if (entry.type !== 'file' || entry.source.from !== 'jailctl') return undefined;
  const text = Buffer.from(entry.source.base64, 'base64').toString('utf8');
  return /[\0\ufffd]/.test(text) ? undefined : text;
}

function contentDiff(change: TreeChange): readonly string[] {
  if (change.action !== 'update') return [];
  const [before, after] = [ownText(change.before), ownText(change.after)];
  return before === undefined || after === undefined ? [] : textDiff(before, after);
}

function single(change: TreeChange): PlanLine {
  const node = nodeOf(change);
  const { entry } = node;
  if (change.action === 'create') {
    const size = entry.type === 'file' ? ` (${formatBytes(entry.sizeBytes)})` : '';
    return { action: 'create', text: `${node.path}${size}` };
  }
  if (entry.type === 'doomed-home') {
    if (entry.bytes === 0)
      return { action: 'delete', text: `${node.path}: an empty home is deleted` };
    const size = formatBytes(entry.bytes);
    return { action: 'delete', text: `${node.path}: a user's data, ${size}, is deleted` };
  }
  const text = `${node.path}: ${change.reasons.join('; ')}`;
  return { action: change.action, text, details: contentDiff(change) };
}

function directoryOf(path: string): string {
  const parts = path.split('/').slice(1, -1);
  return `/${parts.slice(0, summaryDepth).join('/')}`;
}

/** `1,506 files and 88 others, 36.2 MiB`, then the directories that hold the most of them. */
function summed(changes: readonly TreeChange[]): PlanLine {
  const [some] = changes;
  if (some === undefined) throw new Error('nothing to sum up');
  const files = changes.filter((change) => nodeOf(change).entry.type === 'file').length;
  const others = changes.length - files;
  const what = [
    ...(files > 0 ? [plural(files, 'file')] : []),
    ...(others > 0 ? [plural(others, files > 0 ? 'other path' : 'path')] : []),
  ].join(' and ');
  const groups = [...Map.groupBy(changes, (change) => directoryOf(nodeOf(change).path))]
    .map(([directory, held]) => ({ directory, count: held.length, bytes: total(held) }))
    .sort((a, b) => b.count - a.count || (a.directory < b.directory ? -1 : 1));
  const width = Math.max(
    ...groups.slice(0, directoriesMax).map((one) => formatCount(one.count).length),
  );
  const shown = groups
    .slice(0, directoriesMax)
    .map(
      ({ directory, count, bytes }) =>
        `${formatCount(count).padStart(width)} in ${directory}${bytes > 0 ? `, ${formatBytes(bytes)}` : ''}`,
    );
  const rest = groups.length - shown.length;
  return {
    action: some.action,
    text: `${what}, ${formatBytes(total(changes))}`,
    details: [
      ...shown,
      ...(rest > 0 ? [`… and ${plural(rest, 'more directory', 'more directories')}`] : []),
    ],
  };
}

function isHome(change: TreeChange): boolean {
  return nodeOf(change).entry.type === 'doomed-home';
}

/** web2 before web10: the homes of a jail differ in their number only. */
function byNumber(a: TreeChange, b: TreeChange): number {
  const [one, other] = [nodeOf(a).path, nodeOf(b).path];
  return one.length - other.length || (one < other ? -1 : 1);
}

/** Changes of one jail's tree. Homes that would be deleted are always named, each one. */
export function treeLines(changes: readonly TreeChange[]): readonly PlanLine[] {
  const homes = changes.filter(isHome);
  const others = changes.filter((change) => !isHome(change));
  const lines = (['create', 'update', 'delete'] as const).flatMap((action) => {
    const some = others.filter((change) => change.action === action);
    if (some.length === 0) return [];
    return some.length <= listedMax ? some.map(single) : [summed(some)];
  });
  return [...lines, ...homes.toSorted(byNumber).map(single)];
}
