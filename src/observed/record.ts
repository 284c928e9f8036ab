import { withoutPassword } from '../kinds/account/secrets.ts';
import { pathOfXattrs } from '../kinds/xattrs.ts';
import { SignalledToolError } from '../model/failure.ts';
import type { QueryResult, Reader } from '../model/reader.ts';
import { noReads, partKey, pathsOf, queryKey, type Reads } from './reads.ts';

const accountFiles = /^\/etc\/(?:passwd|group|shadow|gshadow)$/;

/** The first answer stays: a plan is made of one state. */
function keep<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** What du(1) says of each path, `bytes` tab `path` NUL. */
function splitSizes(output: string): ReadonlyMap<string, string> {
  const records = output.split('\0').filter((record) => record !== '');
  return new Map(records.map((record) => [record.slice(record.indexOf('\t') + 1), `${record}\0`]));
}

/** What getfattr(1) says of each path that has any attributes. */
function splitXattrs(output: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const block of output.split(/(?=^# file: )/m)) {
    const path = pathOfXattrs(block.split('\n')[0] ?? '');
    if (path !== undefined) found.set(path, block);
  }
  return found;
}

function keepQuery(reads: Reads, argv: readonly string[], result: QueryResult): void {
  const split = pathsOf(argv);
  if (split === undefined) {
    keep(reads.queries, queryKey(argv), result);
    return;
  }
  const { before, paths } = split;
  const key = queryKey(before);
  keep(reads.pathQueries, key, { argv: before, outputs: new Map() });
  const outputs = reads.pathQueries.get(key)?.outputs ?? new Map();
  const { stdout } = result;
  const answers = before[0] === 'du' ? splitSizes(stdout) : splitXattrs(stdout);
  for (const path of paths) keep(outputs, path, answers.get(path) ?? '');
}

/**
 * A reader that writes down what is read through it. Passwords and their hashes are left out, as in
 * any plan.
 */
export function recordReads(reader: Reader): { readonly reader: Reader; readonly reads: Reads } {
  const reads = noReads();
  const note = <V>(map: Map<string, V>, key: string, value: V): V => {
    keep(map, key, value);
    return value;
  };
  const optional = <V>(map: Map<string, V | null>, key: string, value: V | undefined) => {
    keep(map, key, value ?? null);
    return value;
  };
  const digest = (path: string) => note(reads.digests, path, reader.digest(path));
  const recorder: Reader = {
    lstat: (path) => optional(reads.stats, path, reader.lstat(path)),
    list: (path) => optional(reads.lists, path, reader.list(path)),
    readLink: (path) => note(reads.links, path, reader.readLink(path)),
    readText: (path) => {
      const text = reader.readText(path);
      const isSecret = text !== undefined && accountFiles.test(path);
      keep(reads.texts, path, isSecret ? withoutPassword(text) : (text ?? null));
      return text;
    },
    readBytes: (path, offset, length) => {
      const bytes = reader.readBytes(path, offset, length);
      keep(reads.parts, path, new Map());
      return note(reads.parts.get(path) ?? new Map(), partKey(offset, length), bytes);
    },
    digest,
    // By digests: it may be another file of the host that is compared elsewhere.
    isSame: (path, other) => digest(path) === digest(other),
    query: (argv, stdin) => {
      try {
        const result = reader.query(argv, stdin);
        keepQuery(reads, argv, result);
        return result;
      } catch (error) {
        // A moving tree can make du abort: the planner goes on with less.
        if (error instanceof SignalledToolError) {
          keepQuery(reads, argv, { status: 1, stdout: '', stderr: '' });
        }
        throw error;
      }
    },
    which: (command) => optional(reads.commands, command, reader.which(command)),
  };
  return { reader: recorder, reads };
}
