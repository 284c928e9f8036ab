/** One system call of a run, at whose beginning something happens. */
export interface Point {
  /** A program that jailctl starts, with the how-manieth run of it; absent: jailctl itself. */
  readonly tool?: { readonly name: string; readonly run: number };
  readonly call: string;
  /** Only calls that have to do with this path count. */
  readonly path?: string;
  /** The how-manieth call of this name in its process. */
  readonly number: number;
  /** What it was in the run that was not cut, for a person. */
  readonly text: string;
}

/** Calls that change the host whatever their arguments. */
const changing = [
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat'],
  ...['unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat', 'mknod', 'mknodat'],
  ...['chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat', 'utimensat'],
  ...['truncate', 'ftruncate', 'setxattr', 'lsetxattr', 'fsetxattr'],
  ...['removexattr', 'lremovexattr', 'fremovexattr', 'fsync', 'fdatasync', 'mount', 'umount2'],
  'kill',
];

/** The tools that change the host, and the calls by which iptables (nft, legacy) puts rules in force. */
const changingTools = [
  ...['iptables-restore', 'ip6tables-restore', 'vipw', 'cp', 'mknod', 'rm', 'tar'],
];
const filtering = ['sendmsg', 'setsockopt'];

/** Calls that write to a descriptor: only where that is a file. */
const writing = ['write', 'writev', 'pwrite64', 'sendfile', 'copy_file_range'];

/** What stands around each child process. */
const aroundChildren = ['clone', 'fork', 'vfork', 'wait4'];

const opening = ['open', 'openat', 'creat'];

export const tracedCalls: readonly string[] = [
  ...changing,
  ...filtering,
  ...writing,
  ...aroundChildren,
  ...opening,
];

/** Files of the kernel's and devices hold nothing that could be half. */
function isFile(path: string | undefined): boolean {
  return path?.startsWith('/') === true && !/^\/(dev|proc|sys)\//.test(path);
}

/** Where a call writes to, as strace -y prints it: `write(22</run/x>, "…`. */
function descriptorPath(call: string, text: string): string | undefined {
  const paths = [...text.matchAll(/\d+<([^>]*)>/g)].map((match) => match[1]);
  return call === 'copy_file_range' ? paths[1] : paths[0];
}

function isPoint(call: string, text: string, tool: Point['tool']): boolean {
  if (changing.includes(call)) return true;
  if (filtering.includes(call)) return tool?.name.endsWith('-restore') === true;
  if (writing.includes(call)) return isFile(descriptorPath(call, text));
  if (opening.includes(call)) return text.includes('O_CREAT');
  // A wait for nobody is no change; and what a tool starts is its own business.
  return aroundChildren.includes(call) && tool === undefined && !/ = 0$/.test(text);
}

/**
 * Of calls that are made for other reasons too, as many times as the scheduler pleases, only those to
 * one path are counted. Some names have the PID of their maker in them.
 */
function pathOf(call: string, text: string): string | undefined {
  const path = writing.includes(call)
    ? descriptorPath(call, text)
    : opening.includes(call)
      ? /"([^"]+)"/.exec(text)?.[1]
      : undefined;
  return path === undefined || /\.\d+$/.test(path) ? undefined : path;
}

/** What is printed of a call, for a person. */
const textLengthMax = 120;

/**
 * The points of one process.
 * @param log what strace wrote of it, a call a line, with paths (-y)
 */
export function pointsOf(log: string, tool?: Point['tool']): readonly Point[] {
  return select(log, tool, isPoint);
}

/**
 * Where jailctl opens a file to read it.
 * @param log as above; Node's own files come before the lock
 */
export function readingPointsOf(log: string): readonly Point[] {
  const own = log.slice(log.indexOf('"/run/jailctl.lock"'));
  const before = log.slice(0, log.length - own.length);
  const paths = new Set([...before.matchAll(/openat\([^"]*"([^"]+)"/g)].map((match) => match[1]));
  return select(log, undefined, (call, text) => {
    const path = pathOf(call, text);
    return text.includes('O_RDONLY') && isFile(path) && !paths.has(path ?? '');
  });
}

type IsPoint = (call: string, text: string, tool: Point['tool']) => boolean;

function select(log: string, tool: Point['tool'], wanted: IsPoint): readonly Point[] {
  const counts = new Map<string, number>();
  return log.split('\n').flatMap((line) => {
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call === undefined) return [];
    const path = pathOf(call, line);
    const key = `${call} ${path ?? ''}`;
    const number = (counts.get(key) ?? 0) + 1;
    counts.set(key, number);
    // What failed changed nothing.
    if (/ = -1 /.test(line) || !wanted(call, line, tool)) return [];
    const text = line.slice(0, textLengthMax);
    const of = { ...(tool === undefined ? {} : { tool }), ...(path === undefined ? {} : { path }) };
    return [{ ...of, call, number, text }];
  });
}

/**
 * Points of the programs that jailctl starts and that change the host.
 * @param logs one for each process, in the order in which they were started
 */
export function toolPoints(logs: readonly string[]): readonly Point[] {
  const runs = new Map<string, number>();
  return logs.flatMap((log) => {
    const path = /^execve\("([^"]+)", .* = 0$/m.exec(log)?.[1] ?? '';
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!changingTools.includes(name)) return [];
    const run = (runs.get(name) ?? 0) + 1;
    runs.set(name, run);
    return pointsOf(log, { name, run });
  });
}

/** As many as `wanted`, and one at least, spread evenly, beginning in the middle of the first part. */
export function sample<T>(all: readonly T[], wanted: number): readonly T[] {
  const count = Math.max(1, Math.round(wanted));
  if (all.length <= count) return all;
  const part = all.length / count;
  return Array.from({ length: count }, (_, index) => all[Math.floor((index + 0.5) * part)] as T);
}

/** For a person: `rename 3`, `unlinkat 2 of rm 1`. */
export function pointName({ tool, call, number }: Point): string {
  return `${call} ${number}${tool === undefined ? '' : ` of ${tool.name} ${tool.run}`}`;
}
