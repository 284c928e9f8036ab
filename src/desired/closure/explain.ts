import type { PathExplanation, ToolsExplanation } from '../../model/explanation.ts';
import type { ToolRequest } from '../../model/manifest.ts';
import type { Closure, Reason } from './closure.ts';

interface Link {
  readonly path: string;
  readonly reason: Reason;
}

/**
 * Why a path is in a jail: the path first, each next one needs the one before, and the last one
 * was requested. Empty where the closure has no such path.
 */
export function reasonChain(closure: Closure, path: string): readonly Link[] {
  const chain: Link[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = path; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    const reason: Reason | undefined = closure.entries.get(next)?.reason;
    if (reason === undefined) break;
    chain.push({ path: next, reason });
    next = reason.because === 'requested' ? undefined : reason.neededBy;
  }
  return chain;
}

interface RequestShare {
  readonly request: ToolRequest;
  /** Files that are in the jail because of it first; symlinks and directories are not counted. */
  readonly files: number;
  readonly bytes: number;
}

/** How much each request brings, in the order of their entries. A shared file counts once. */
export function sharesByRequest(closure: Closure): readonly RequestShare[] {
  const shares = new Map<ToolRequest, { files: number; bytes: number }>();
  for (const [path, { entry }] of closure.entries) {
    const reason = reasonChain(closure, path).at(-1)?.reason;
    const request = reason?.because === 'requested' ? reason.request : undefined;
    if (request === undefined) continue;
    const share = shares.get(request) ?? { files: 0, bytes: 0 };
    shares.set(request, share);
    if (entry.type !== 'file') continue;
    share.files += 1;
    share.bytes += entry.sizeBytes;
  }
  return [...shares]
    .map(([request, share]) => ({ request, ...share }))
    .sort((one, other) => (one.request.entry < other.request.entry ? -1 : 1));
}

function placeOf(request: ToolRequest): string {
  return `${request.at.file}:${request.at.line}`;
}

/** Why a path is in a jail; undefined where the closure has no such path. */
export function explainPath(
  jail: string,
  closure: Closure,
  path: string,
): PathExplanation | undefined {
  const found = closure.entries.get(path);
  if (found === undefined) return undefined;
  const chain = reasonChain(closure, path).map(({ path: link, reason }) => {
    if (reason.because !== 'requested') return { path: link, because: reason.because };
    const { request } = reason;
    return {
      path: link,
      because: reason.because,
      requestedAt: placeOf(request),
      entry: request.entry,
    };
  });
  return { jail, path, type: found.entry.type, chain };
}

/** What each tool brings to a jail, and what was left out. */
export function explainTools(jail: string, closure: Closure): ToolsExplanation {
  const tools = sharesByRequest(closure).map(({ request, files, bytes }) => ({
    entry: request.entry,
    requestedAt: placeOf(request),
    files,
    bytes,
  }));
  return { jail, tools, leftOut: closure.leftOut };
}
