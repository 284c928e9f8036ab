import type { TreeEntry } from '../../kinds/tree/entry.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ToolRequest } from '../../model/manifest.ts';

/** Why a path is in a jail. */
export type Reason =
  /** Somebody asked for it, or for a directory, glob, package or section that holds it. */
  | { readonly because: 'requested'; readonly request: ToolRequest }
  /** Another path of the jail needs it. */
  | {
      readonly because:
        | 'interpreter'
        | 'library'
        | 'symlink'
        | 'parent-directory'
        | 'loaded-by-name';
      readonly neededBy: string;
    };

export interface ClosureEntry {
  readonly entry: TreeEntry;
  /** The first reason found; following `neededBy` ends at a request. */
  readonly reason: Reason;
}

/** Everything that a list of tools needs, with the reason for each path. */
export interface Closure {
  /** By absolute path in the jail, which is also the path on the host, no trailing slash. */
  readonly entries: ReadonlyMap<string, ClosureEntry>;
  /** The jail's own /etc/ld.so.cache; undefined where it has no glibc, which alone reads it. */
  readonly linkerCache: TreeEntry | undefined;
  /** Paths inside a directory or package that were not taken, and why. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  /** Tools that were not found, and the like. The closure must not be used when there are any. */
  readonly diagnostics: readonly Diagnostic[];
}
