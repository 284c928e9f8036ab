import { sharedInode } from '../kinds/tree/shared-inode.ts';
import { nameXattrs } from '../kinds/xattrs.ts';
import type { Reader } from '../model/reader.ts';
import { partKey, pathsOf, queryKey, type Reads } from './reads.ts';

/** Says that an observation does not tell about something. */
export type Unknown = (what: string) => never;

function known<V>(map: ReadonlyMap<string, V>, key: string, what: string, unknown: Unknown): V {
  const value = map.get(key);
  return value === undefined ? unknown(what) : value;
}

/**
 * The answer for a path, or for another name of its file: jails share files, and what one name was
 * asked for holds for the others.
 */
function ofName<V>(reads: Reads, answers: ReadonlyMap<string, V>): (path: string) => V | undefined {
  const inodeOf = (path: string) => {
    const stat = reads.stats.get(path);
    return stat ? sharedInode(stat) : undefined;
  };
  const ofInodes = new Map([...answers].map(([path, answer]) => [inodeOf(path), answer]));
  return (path) => {
    const inode = inodeOf(path);
    return answers.get(path) ?? (inode === undefined ? undefined : ofInodes.get(inode));
  };
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
  const outputs = new Map(
    [...reads.pathQueries].map(([key, query]) => [key, ofName(reads, query.outputs)]),
  );
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
      const outputOf = get(outputs, queryKey(before), argv.join(' '));
      const isSize = before[0] === 'du';
      const what = isSize ? 'the size of' : 'the extended attributes of';
      const stdout = paths.map((path) => {
        const output = outputOf(path) ?? unknown(`${what} ${path}`);
        return isSize ? output : nameXattrs(output, path);
      });
      return { status: 0, stdout: stdout.join(''), stderr: '' };
    },
    which: (command) => get(reads.commands, command, `the command ${command}`) ?? undefined,
  };
}
