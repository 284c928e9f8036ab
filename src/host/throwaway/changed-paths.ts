import { join } from 'node:path';
import { Failure } from '../../model/failure.ts';
import { octal } from '../../model/numbers.ts';
import type { Reader, Stat } from '../../model/reader.ts';

/** One path that is not as it was when the throwaway host was made. */
export interface ChangedPath {
  readonly path: string;
  readonly change: 'created' | 'changed' | 'deleted';
  /** What differs, for a person: `mode 0600, was 0644`. Empty unless `changed`. */
  readonly reasons: readonly string[];
}

/** The three views of one file system. */
export interface LayerViews {
  /** Where it is mounted in the throwaway host. */
  readonly mountPoint: string;
  /** What the real host has. */
  readonly lower: string;
  /** What was written: a path that is not here has not changed. */
  readonly upper: string;
  /** Both together, as programs in the throwaway host see it. */
  readonly merged: string;
}

/** A path whose stat and content are the same in both views; its xattrs are still to compare. */
interface Twin {
  readonly path: string;
  readonly lower: string;
  readonly merged: string;
}

/** Paths in one call of getfattr: their total must stay far below ARG_MAX (2 MiB). */
const pathsPerCall = 200;

function differences(reader: Reader, is: Stat, was: Stat, twin: Twin): string[] {
  if (is.type !== was.type) return [`${is.type}, was ${was.type}`];
  const found: string[] = [];
  if (is.mode !== was.mode) found.push(`mode ${octal(is.mode)}, was ${octal(was.mode)}`);
  if (is.uid !== was.uid || is.gid !== was.gid) {
    found.push(`owner ${is.uid}:${is.gid}, was ${was.uid}:${was.gid}`);
  }
  if (is.type === 'file') {
    if (is.sizeBytes !== was.sizeBytes) {
      found.push(`size ${is.sizeBytes} bytes, was ${was.sizeBytes}`);
    } else if (reader.digest(twin.merged) !== reader.digest(twin.lower)) found.push('content');
  }
  if (is.type === 'symlink') {
    const [target, before] = [reader.readLink(twin.merged), reader.readLink(twin.lower)];
    if (target !== before) found.push(`target ${target}, was ${before}`);
  }
  if (is.major !== was.major || is.minor !== was.minor) {
    found.push(`device ${is.major}:${is.minor}, was ${was.major}:${was.minor}`);
  }
  return found;
}

/** getfattr writes newline, carriage return and backslash in a path as octal digits. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Runs getfattr and gives the lines below each path that has any. */
function attributes(reader: Reader, options: readonly string[], paths: readonly string[]) {
  const { status, stdout, stderr } = reader.query([
    'getfattr',
    '--absolute-names',
    '--no-dereference',
    ...options,
    '--',
    ...paths,
  ]);
  if (status !== 0) throw new Failure(`getfattr failed: ${stderr.trim()}`);
  const byPath = new Map<string, string>();
  for (const block of stdout.split('\n\n')) {
    const [head = '', ...lines] = block.split('\n');
    if (head !== '')
      byPath.set(unescapePath(head.slice('# file: '.length)), lines.sort().join(' '));
  }
  return byPath;
}

function namesOf(lines: string): string {
  return lines.replace(/=\S*/g, '') || 'none';
}

/** ACLs and capabilities are xattrs too. */
function attributeChanges(reader: Reader, twins: readonly Twin[]): ChangedPath[] {
  const changed: ChangedPath[] = [];
  const dump = ['--dump', '--match=-', '--encoding=hex'];
  for (let start = 0; start < twins.length; start += pathsPerCall) {
    const part = twins.slice(start, start + pathsPerCall);
    const paths = (view: 'lower' | 'merged') => part.map((twin) => twin[view]);
    const lower = attributes(reader, dump, paths('lower'));
    const merged = attributes(reader, dump, paths('merged'));
    for (const twin of part) {
      const is = merged.get(twin.merged) ?? '';
      const was = lower.get(twin.lower) ?? '';
      if (is === was) continue;
      const reasons = [`extended attributes ${namesOf(is)}, were ${namesOf(was)}`];
      changed.push({ path: twin.path, change: 'changed', reasons });
    }
  }
  return changed;
}

/**
 * The directories of an upper layer whose content does not come from the lower directory of the
 * same name: made anew in its place, or renamed from elsewhere (overlayfs.rst, "whiteouts and
 * opaque directories", "redirect_dir").
 */
function strangers(reader: Reader, upper: string): ReadonlySet<string> {
  const marks = [
    '--recursive',
    '--physical',
    String.raw`--match=^trusted\.overlay\.(opaque|redirect)$`,
  ];
  return new Set(attributes(reader, marks, [upper]).keys());
}

/** Names in a directory; none where there is no directory, or a symlink to one. */
function list(reader: Reader, path: string): readonly string[] {
  return reader.lstat(path)?.type === 'directory' ? (reader.list(path) ?? []) : [];
}

/** What became of one path, or its twin when only the extended attributes are left to compare. */
function compare(reader: Reader, is: Stat | undefined, was: Stat | undefined, twin: Twin) {
  const { path } = twin;
  if (is !== undefined && was !== undefined) {
    const reasons = differences(reader, is, was, twin);
    return reasons.length === 0 ? twin : ({ path, change: 'changed', reasons } as const);
  }
  if (is !== undefined) return { path, change: 'created', reasons: [] } as const;
  if (was !== undefined) return { path, change: 'deleted', reasons: [] } as const;
  // Listed, and yet not there: Node could not decode the name, and can't reach the file.
  return { path, change: 'changed', reasons: ['its name is not UTF-8'] } as const;
}

/** Walks one layer; below a stranger, what is not in the upper layer may have changed too. */
function changesOf(reader: Reader, views: LayerViews): ChangedPath[] {
  const changed: ChangedPath[] = [];
  const twins: Twin[] = [];
  const replaced = strangers(reader, views.upper);
  const waiting = [{ directory: '', wholly: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { directory, wholly } = next;
    const names = wholly
      ? new Set([views.lower, views.merged].flatMap((view) => list(reader, join(view, directory))))
      : list(reader, join(views.upper, directory));
    for (const name of names) {
      const path = join(directory, name);
      const twin = {
        path: join(views.mountPoint, path),
        lower: join(views.lower, path),
        merged: join(views.merged, path),
      };
      const is = reader.lstat(twin.merged);
      const was = reader.lstat(twin.lower);
      const result = compare(reader, is, was, twin);
      if ('change' in result) changed.push(result);
      else twins.push(result);
      const directories = [is, was].filter((stat) => stat?.type === 'directory').length;
      if (directories === 0) continue;
      const strange = directories === 1 || replaced.has(join(views.upper, path));
      waiting.push({ directory: path, wholly: wholly || strange });
    }
  }
  return [...changed, ...attributeChanges(reader, twins)];
}

/**
 * Every path that differs between the real host and its copy in type, mode, owner, content,
 * symlink target or extended attributes, sorted; below a created or deleted directory, every path
 * too. Times don't count, nor does a file that was rewritten with what it held.
 * @throws MissingToolError without getfattr: the answer would not be the whole one
 */
export function changedPaths(reader: Reader, layers: readonly LayerViews[]): ChangedPath[] {
  return layers
    .flatMap((views) => changesOf(reader, views))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
