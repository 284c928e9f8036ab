import type { ToolRequest } from '../../model/manifest.ts';
import type { Reader } from '../../model/reader.ts';
import { AlwaysLoaded, type AlwaysOptions } from './always.ts';
import type { Closure, Reason } from './closure.ts';
import { Collection, type Origin } from './collection.ts';
import { Examiner } from './examine.ts';
import { globMatcher } from './glob.ts';
import { HostView } from './host-view.ts';
import { LibrarySearch } from './library-search.ts';
import { linkerCache } from './linker-cache.ts';
import { type Target, targetsOf } from './request.ts';
import { Taker } from './taker.ts';

export interface ClosureOptions extends AlwaysOptions {
  /** The directories of all jails of the manifest: nothing is copied from one. */
  readonly jailPaths: readonly string[];
}

/** An order that depends on what is asked for only, not on where it stands among the others. */
function byRequest(one: ToolRequest, other: ToolRequest): number {
  const texts = (request: ToolRequest) => [request.entry, request.at.file];
  const [a, b] = [texts(one).join('\0'), texts(other).join('\0')];
  if (a !== b) return a < b ? -1 : 1;
  return (
    one.at.line - other.at.line ||
    one.at.column - other.at.column ||
    Number(one.optional) - Number(other.optional)
  );
}

/** What `!` entries leave out. */
function leftOutBy(requests: readonly ToolRequest[]): (path: string) => boolean {
  const matchers = requests
    .filter((request) => request.leaveOut)
    .map((request) => globMatcher(request.entry));
  return (path) => matchers.some((matches) => matches(path));
}

function take(taker: Taker, collection: Collection, target: Target): void {
  const { path, request, named, wanted, only } = target;
  const reason: Reason = { because: 'requested', request };
  const origin: Origin = named ? { named, request } : { named: false };
  if (!only) taker.take(path, reason, origin, wanted);
  else if (!taker.takeDirectoryOnly(path, reason)) {
    collection.leaveOut(path, 'is not a directory of this host that may be taken');
  }
}

/**
 * Everything that a list of tools needs to run in a jail: the tools, what their headers and first
 * lines ask for, and what programs load without saying so. The order of the requests means
 * nothing. All mistakes are collected. Of the jail's generated files it has ld.so.cache only;
 * not accounts, /dev and homes.
 * @throws Failure when the host can't be read
 */
export function closeOver(
  reader: Reader,
  requests: readonly ToolRequest[],
  options: ClosureOptions,
): Closure {
  const view = new HostView(reader);
  const collection = new Collection();
  const isLeftOut = leftOutBy(requests);
  const taker = new Taker(view, collection, options.jailPaths, isLeftOut);
  const search = new LibrarySearch(view, options.env['LD_LIBRARY_PATH']);
  const examiner = new Examiner(view, collection, taker, search);
  const targets = requests
    .filter((request) => !request.leaveOut)
    .toSorted(byRequest)
    .flatMap((request) => targetsOf(view, collection, request))
    .filter((target) => target.named || !isLeftOut(target.path));

  // What somebody named comes first: a problem with it is an error, though a directory that was
  // taken whole has the same file.
  for (const named of [true, false]) {
    for (const target of targets) if (target.named === named) take(taker, collection, target);
    examiner.examineAll();
  }
  new AlwaysLoaded(view, collection, taker, search).takeAll(options);
  examiner.examineAll();
  const closure = collection.finish();
  return { ...closure, linkerCache: linkerCache(reader, closure.entries) };
}
