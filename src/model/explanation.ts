/**
 * Why a path is in a jail: each link needs the one before it, and the last one was asked for, or
 * is one of those that jailctl makes itself.
 */
export interface PathExplanation {
  readonly jail: string;
  readonly path: string;
  readonly type: string;
  readonly chain: readonly {
    readonly path: string;
    readonly because:
      | 'requested'
      | 'interpreter'
      | 'library'
      | 'symlink'
      | 'parent-directory'
      | 'loaded-by-name'
      /** jailctl makes it for every jail; nobody asked for it. */
      | 'made';
    /** `requirements/python3.txt:4`, for a link that was asked for. */
    readonly requestedAt?: string;
    /** What stands there. */
    readonly entry?: string;
  }[];
}

/** What each tool brings to a jail. A file that several of them need counts once. */
export interface ToolsExplanation {
  readonly jail: string;
  readonly tools: readonly {
    readonly entry: string;
    readonly requestedAt: string;
    readonly files: number;
    readonly bytes: number;
  }[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}
