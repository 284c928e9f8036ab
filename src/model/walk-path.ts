/** The kernel follows as many: path_resolution(7). */
const linksMax = 40;

/** Where a walk ended. */
export interface Walked {
  /** Absolute; no link is in it as far as the walk came. */
  readonly path: string;
  readonly tooManyLinks: boolean;
}

/**
 * Goes along a path part by part and through its links, as the kernel would. (`resolve` of node:path
 * would take `link/..` for the directory of the link.)
 * @param path absolute
 * @param visit is told each part, and whether nothing comes after it; it gives where a link leads,
 *   '' for what is no link, and undefined to end the walk there
 */
export function walkPath(
  path: string,
  visit: (here: string, isLast: boolean) => string | undefined,
): Walked {
  const rest = path.split('/').reverse();
  const walked: string[] = [];
  const end = (tooManyLinks: boolean) => ({
    path: `/${[...walked, ...rest.reverse()].join('/')}`,
    tooManyLinks,
  });
  let links = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      walked.pop();
      continue;
    }
    walked.push(part);
    const target = visit(`/${walked.join('/')}`, rest.length === 0);
    if (target === undefined) return end(false);
    if (target === '') continue;
    if (++links > linksMax) return end(true);
    if (target.startsWith('/')) walked.length = 0;
    else walked.pop();
    rest.push(...target.split('/').reverse());
  }
  return end(false);
}
