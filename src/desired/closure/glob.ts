import { type HostView, nameOf } from './host-view.ts';

/** Whether a path has a part that is a pattern. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/** Source of a RegExp for one part of a glob(7) pattern: `*`, `?`, `[abc]`, `[!a-z]`, `\*`. */
function partSource(part: string): string {
  return part.replace(
    /\\(.)|(\*+)|(\?)|\[(!?)(\]?[^\]]*)\]|([^\\*?[]+|.)/gu,
    (_, escaped, star, question, not, set, plain) => {
      if (star !== undefined) return '[^/]*';
      if (question !== undefined) return '[^/]';
      if (set !== undefined) {
        return `(?!/)[${not === '!' ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
      }
      return (escaped ?? plain).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    },
  );
}

/** A range from z to a matches nothing, as in a shell. */
function regExp(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return /^(?!)/;
  }
}

/** Tells of a path whether it, or a directory that holds it, matches a glob(7) pattern. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').filter((part) => part !== '');
  const matches = regExp(`^${parts.map((part) => `/${partSource(part)}`).join('')}(?:/|$)`);
  return (path) => matches.test(path);
}

/**
 * The paths of the host that match an absolute glob(7) pattern, sorted. A wildcard does not match
 * a leading dot. Symlinks on the way are followed, and stand in the result as they were written.
 */
export function expandGlob(view: HostView, pattern: string): readonly string[] {
  let found = [''];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    if (!isGlob(part)) {
      found = found.map((directory) => `${directory}/${part}`);
      continue;
    }
    const matches = regExp(`^${partSource(part)}$`);
    found = found.flatMap((directory) =>
      namesIn(view, directory)
        .filter((name) => matches.test(name) && (!name.startsWith('.') || part.startsWith('.')))
        .map((name) => `${directory}/${name}`),
    );
  }
  return found.filter((path) => isThere(view, path)).sort();
}

function namesIn(view: HostView, directory: string): readonly string[] {
  const resolution = view.resolve(directory);
  return resolution.found ? view.list(resolution.path) : [];
}

/** There, if only as a dangling symlink: that one has to be told about, not skipped. */
function isThere(view: HostView, path: string): boolean {
  const directory = view.resolve(path.slice(0, path.lastIndexOf('/')));
  return (
    directory.found &&
    view.lstat(`${directory.path === '/' ? '' : directory.path}/${nameOf(path)}`) !== undefined
  );
}
