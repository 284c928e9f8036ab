import type { Reader } from '../model/reader.ts';
import { partKey, pathsOf, queryKey, type Reads } from './reads.ts';

/** Says that an observation does not tell about something. */
export type Unknown = (what: string) => never;

function known<V>(map: ReadonlyMap<string, V>, key: string, what: string, unknown: Unknown): V {
  const value = map.get(key);
  return value === undefined ? unknown(what) : value;
}

/** What one name of a file was read for holds for its other names: jails share files. */
function digestsByInode(reads: Reads): ReadonlyMap<string, string> {
  const digests = [...reads.digests].flatMap(([path, digest]) => {
    const key = inodeOf(reads, path);
    return key === undefined ? [] : [[key, digest] as const];
  });
  return new Map(digests);
}

function inodeOf({ stats }: Reads, path: string): string | undefined {
  const stat = stats.get(path);
  return stat && Number.isSafeInteger(stat.inode) ? `${stat.device} ${stat.inode}` : undefined;
}

/**
 * A host as it was observed. It answers what was asked then; it never says that something is not
 * there because nobody has looked.
 */
export function replayReads(reads: Reads, unknown: Unknown): Reader {
  const get = <V>(map: ReadonlyMap<string, V>, key: string, what = key): V =>
    known(map, key, what, unknown);
  const ofInodes = digestsByInode(reads);
  const digest = (path: string) => {
    const inode = inodeOf(reads, path);
    const other = inode === undefined ? undefined : ofInodes.get(inode);
    return reads.digests.get(path) ?? other ?? unknown(`the content of ${path}`);
  };
  return {
    lstat: (path) => get(reads.stats, path) ?? undefined,
    list: (path) => get(reads.lists, path, `what is in ${path}`) ?? undefined,
    readLink: (path) => get(reads.links, path, `where ${path} leads to`),
    readText: (path) => get(reads.texts, path, `the text of ${path}`) ?? undefined,
    readBytes: (path, offset, length) => {
      const what = `the content of ${path}`;
      return get(get(reads.parts, path, what), partKey(offset, length), what);
    },
    digest,
    isSame: (path, other) => digest(path) === digest(other),
    query: (argv) => {
      const split = pathsOf(argv);
      if (split === undefined) return get(reads.queries, queryKey(argv), argv.join(' '));
      const { before, paths } = split;
      if (paths.length === 0) return { status: 0, stdout: '', stderr: '' };
      const { outputs } = get(reads.pathQueries, queryKey(before), argv.join(' '));
      const what = before[0] === 'du' ? 'the size of' : 'the extended attributes of';
      const stdout = paths.map((path) => get(outputs, path, `${what} ${path}`)).join('');
      return { status: 0, stdout, stderr: '' };
    },
    which: (command) => get(reads.commands, command, `the command ${command}`) ?? undefined,
  };
}
