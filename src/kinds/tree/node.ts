import type { Address } from '../../model/address.ts';
import { below } from '../../model/host-paths.ts';
import type { FileType } from '../../model/reader.ts';
import type { TreeEntry } from './entry.ts';

/** What stands at a path where no entry of a tree can: only ever observed. */
export interface OtherEntry {
  readonly type: 'other';
  readonly what: FileType;
  /** Disk space, for a directory that is to be removed whole. */
  readonly bytes?: number;
}

/** A home and how much would be lost with it: only ever observed. */
export interface DoomedHome {
  readonly type: 'doomed-home';
  /** 0 exactly when there is nothing in it. */
  readonly bytes: number;
  /** Does the whole jail go? Then its directory is removed at once, homes and all. */
  readonly withJail: boolean;
}

/** One path of one jail. */
export interface TreeNode {
  readonly jail: string;
  /** The jail's root directory on the host. */
  readonly root: string;
  /** Absolute path inside the jail; the jail's root directory itself is `/`. */
  readonly path: string;
  readonly entry: TreeEntry | OtherEntry | DoomedHome;
  readonly uid: number;
  readonly gid: number;
  /** Extended attributes that grant something: ACLs, capabilities. Never desired. */
  readonly xattrs: readonly string[];
  /** Does the content differ from the source's, although size and time do not? */
  readonly altered: boolean;
}

export function treeAddress(jail: string, path: string): Address {
  return `tree/${jail}${path}`;
}

/** Of most nodes: one for all spares memory. */
export const noXattrs: TreeNode['xattrs'] = [];

/** Where a node is on the host. */
export function hostPath(node: TreeNode): string {
  return below(node.root, node.path);
}
