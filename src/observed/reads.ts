import type { QueryResult, Stat } from '../model/reader.ts';

/** A query whose answer consists of an answer for each path that it ends with. */
export interface PathQuery {
  /** Up to the `--` before the paths. */
  readonly argv: readonly string[];
  /** What the tool printed about each path. */
  readonly outputs: Map<string, string>;
}

/**
 * Everything that was read of a host, by what it was asked for. It holds no password and no hash of
 * one. Nothing on the host is null; what was never asked for is not there.
 */
export interface Reads {
  readonly stats: Map<string, Stat | null>;
  readonly lists: Map<string, readonly string[] | null>;
  readonly links: Map<string, string>;
  readonly texts: Map<string, string | null>;
  /** Parts of files, by path, then by `partKey`. */
  readonly parts: Map<string, Map<string, Uint8Array>>;
  readonly digests: Map<string, string>;
  /** Where commands are. */
  readonly commands: Map<string, string | null>;
  /** By `queryKey`. */
  readonly queries: Map<string, QueryResult>;
  /** By `queryKey` of what stands before the paths. */
  readonly pathQueries: Map<string, PathQuery>;
}

export function noReads(): Reads {
  return {
    stats: new Map(),
    lists: new Map(),
    links: new Map(),
    texts: new Map(),
    parts: new Map(),
    digests: new Map(),
    commands: new Map(),
    queries: new Map(),
    pathQueries: new Map(),
  };
}

export function partKey(offset: number, length: number): string {
  return `${offset}+${length}`;
}

export function queryKey(argv: readonly string[]): string {
  return JSON.stringify(argv);
}

/**
 * The paths of a query that asks the same of each: which of them are asked for together depends on
 * the manifest, and an observation must answer for a changed one, too.
 * @returns undefined for any other query
 */
export function pathsOf(
  argv: readonly string[],
): { readonly before: readonly string[]; readonly paths: readonly string[] } | undefined {
  const [tool = ''] = argv;
  const isSum = tool === 'du' && argv.includes('--summarize');
  if (tool !== 'getfattr' && !isSum) return undefined;
  const end = argv.indexOf('--') + 1;
  return { before: argv.slice(0, end), paths: argv.slice(end) };
}
