import { nameXattrs } from '../kinds/xattrs.ts';
import type { Reader } from '../model/reader.ts';
import { partKey, pathsOf, queryKey, type Reads } from './reads.ts';

/** Says that an observation does not tell about something. */
export type Unknown = (what: string) => never;

function known<V>(map: ReadonlyMap<string, V>, key: string, what: string, unknown: Unknown): V {
  const value = map.get(key);
  return value === undefined ? unknown(what) : value;
}

/** What one name of a file was asked for holds for its other names: jails share files. */
function byInode<V>(reads: Reads, answers: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  const known = [...answers].flatMap(([path, answer]) => {
    const key = inodeOf(reads, path);
    return key === undefined ? [] : [[key, answer] as const];
  });
  return new Map(known);
}

/** The answer for a path, or for another name of its file. */
function ofName<V>(reads: Reads, answers: ReadonlyMap<string, V>): (path: string) => V | undefined {
  const ofInodes = byInode(reads, answers);
  return (path) => answers.get(path) ?? ofInodes.get(inodeOf(reads, path) ?? '');
}

/** By the key of the query. What getfattr(1) says of another name of a file is said of this one. */
function pathAnswers(reads: Reads) {
  const lookUps = [...reads.pathQueries].map(([key, { argv, outputs }]) => {
    if (argv[0] !== 'getfattr') return [key, (path: string) => outputs.get(path)] as const;
    const find = ofName(reads, outputs);
    return [
      key,
      (path: string) => {
        const output = find(path);
        return output === undefined ? undefined : nameXattrs(output, path);
      },
    ] as const;
  });
  return new Map(lookUps);
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
  const knownDigest = ofName(reads, reads.digests);
  const digest = (path: string) => knownDigest(path) ?? unknown(`the content of ${path}`);
  const answers = pathAnswers(reads);
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
      const answer = get(answers, queryKey(before), argv.join(' '));
      const what = before[0] === 'du' ? 'the size of' : 'the extended attributes of';
      const stdout = paths.map((path) => answer(path) ?? unknown(`${what} ${path}`)).join('');
      return { status: 0, stdout, stderr: '' };
    },
    which: (command) => get(reads.commands, command, `the command ${command}`) ?? undefined,
  };
}
