import { Failure, MissingToolError } from '../../model/failure.ts';
import type { Reader } from '../../model/reader.ts';
import type { UidRange } from '../../model/uid-range.ts';
import { evidenceMax } from '../check.ts';
import type { Place } from './file-systems.ts';
import type { OldIds } from './old-ids.ts';

/** An old UID, or an old GID of files whose owner is somebody else. */
export interface OldId {
  readonly type: 'UID' | 'GID';
  readonly id: number;
}

/** Files of one old ID below one directory. */
export interface OldFiles extends OldId {
  /** The directory that was looked through. */
  readonly root: string;
  readonly count: number;
  /** The paths of some of them. */
  readonly paths: readonly string[];
}

export interface Found {
  readonly files: readonly OldFiles[];
  /** What could not be looked at, as `find` says it. */
  readonly complaints: readonly string[];
}

/** A tenant can nest directories without end: more of a path than this tells nobody anything. */
const pathCharactersMax = 1000;

/**
 * Reads ranges of old IDs, and then the records of `find`. Counts those of each old ID and lets the
 * first ones through, so that millions of files need no memory. The last record says that all of
 * them were counted. It is not `find` that compares with the ranges: with a thousand of them it
 * took minutes.
 */
const countScript = `{ cat; "$@" </dev/null; } | awk -v max=${evidenceMax} '
BEGIN { RS = "\\0"; ORS = "\\0" }
/^[+]/ { for (id = $2; id <= $3; id++) old[substr($1, 2) id]; next }
{ key = ($1 in old) ? $1 : $2 }
key in old {
  if (++seen[key] <= max) {
    print key " " substr($0, length($1) + length($2) + 3, ${pathCharactersMax})
  }
}
END { for (key in seen) print "=" key " " seen[key]; print "end" }'`;

function rangeRecords({ uids, gids }: OldIds): string {
  const records = (type: 'u' | 'g', ranges: readonly UidRange[]) =>
    ranges.map(({ first, last }) => `+${type} ${first} ${last}\0`);
  return [...records('u', uids), ...records('g', gids)].join('');
}

/** `find -path` takes a pattern. */
function patternOf(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}

/** Prints what belongs to any ID between the lowest and the highest of the pools. */
function findArgv({ root, except }: Place, { pools }: OldIds) {
  const skip = except.flatMap((path) => ['-path', patternOf(path), '-prune', '-o']);
  const from = `+${Math.min(...pools.map(({ first }) => first)) - 1}`;
  const to = `-${Math.max(...pools.map(({ last }) => last)) + 1}`;
  const near = ['-uid', from, '-uid', to, '-o', '-gid', from, '-gid', to];
  return ['find', root, '-xdev', ...skip, '(', ...near, ')', '-printf', 'u%U g%G %p\\0'];
}

function parseRecords(root: string, records: readonly string[]): readonly OldFiles[] {
  const paths = Map.groupBy(
    records.filter((record) => !record.startsWith('=')),
    (record) => record.slice(0, record.indexOf(' ')),
  );
  return records
    .filter((record) => record.startsWith('='))
    .map((record): OldFiles => {
      const [key = '', count] = record.slice(1).split(' ');
      const named = (paths.get(key) ?? []).map((one) => one.slice(key.length + 1));
      const type = key.startsWith('u') ? 'UID' : 'GID';
      return { root, type, id: Number(key.slice(1)), count: Number(count), paths: named };
    })
    .sort((a, b) => a.id - b.id || (a.type > b.type ? -1 : 1));
}

/** What vanishes, or is swapped, while it is looked at is nobody's loss. */
function complaintsIn(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(': No such file or directory'));
}

/**
 * Looks through places for files of old IDs. `find` walks by descriptor: a tenant's deep or changing
 * tree can't lead it astray.
 */
export function findOldFiles(reader: Reader, oldIds: OldIds, places: readonly Place[]): Found {
  const missing = ['find', 'awk'].find((tool) => reader.which(tool) === undefined);
  if (missing !== undefined) throw new MissingToolError(missing);
  const results = places.map((place) => {
    const { root } = place;
    const argv = findArgv(place, oldIds);
    const counting = ['sh', '-c', countScript, 'sh', ...argv] as const;
    const { stdout, stderr } = reader.query(counting, rangeRecords(oldIds));
    const records = stdout.split('\0').slice(0, -1);
    if (records.at(-1) !== 'end') {
      throw new Failure(`can't look for files in ${root}`, { cause: new Error(stderr.trim()) });
    }
    const files = parseRecords(root, records.slice(0, -1));
    return { files, complaints: complaintsIn(stderr) };
  });
  return {
    files: results.flatMap(({ files }) => files),
    complaints: results.flatMap(({ complaints }) => complaints),
  };
}
