import type { HostView } from '../desired/closure/host-view.ts';
import { packageFiles } from '../desired/closure/package-files.ts';

/** Fewer files are clearer by their own names. */
const filesMin = 3;

/** More files than this are asked about in one call: their names stay under the kernel's limit. */
const pathsPerCall = 1000;

export interface WholePackage {
  readonly name: string;
  /** Its files, symlinks followed. */
  readonly files: ReadonlySet<string>;
}

/** The Debian packages that have these files, with how many of them; none without dpkg-query. */
function packagesOf(view: HostView, paths: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (view.reader.which('dpkg-query') === undefined) return counts;
  for (let first = 0; first < paths.length; first += pathsPerCall) {
    const some = paths.slice(first, first + pathsPerCall);
    const { stdout } = view.reader.query(['dpkg-query', '--search', '--', ...some]);
    for (const line of stdout.split('\n')) {
      // `libc6:amd64: /usr/lib/x`; what several packages have, none has to itself.
      const name = /^([a-z0-9][a-z0-9+.:-]*): \//.exec(line)?.[1];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** The files of a package, by the paths that the host has them at; those that are gone do not count. */
function filesOf(view: HostView, name: string): ReadonlySet<string> {
  const listed = packageFiles(view.reader, name);
  const paths = listed.installed ? listed.paths : [];
  return new Set(
    paths.flatMap((path) => {
      const resolution = view.resolve(path);
      return resolution.found && resolution.stat.type !== 'directory' ? [resolution.path] : [];
    }),
  );
}

/**
 * Packages that a jail has whole, with all that only people read: somebody copied them as such.
 * @param files of the jail, by the paths that the host has them at
 * @param wanted those of them that nothing brings yet
 */
export function wholePackages(
  view: HostView,
  files: ReadonlySet<string>,
  wanted: readonly string[],
): readonly WholePackage[] {
  return [...packagesOf(view, wanted)]
    .filter(([, count]) => count >= filesMin)
    .map(([name]) => ({ name, files: filesOf(view, name) }))
    .filter((one) => one.files.size > 0 && [...one.files].every((path) => files.has(path)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
