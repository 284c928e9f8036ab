import type { JailSettings } from '../../model/settings.ts';
import type { DirectoryFault } from '../root-only.ts';

/**
 * What the host has of one jail, its tree and accounts aside: the directory with its marker, and
 * the entry in the register that leads to it. A desired jail is complete and has no leftovers.
 */
export interface JailState {
  readonly name: string;
  /** The jail's root directory. */
  readonly path: string;
  /** Is it in the register? */
  readonly registered: boolean;
  /** Is there a directory at `path` that has jailctl's private directory? */
  readonly claimed: boolean;
  /** From the marker; absent when there is none, or none that can be read. */
  readonly settings?: JailSettings;
  /** What an interrupted run left, each path inside a root-only directory of jailctl's. */
  readonly leftovers: readonly string[];
  /** Does the staging directory beside the jail exist? */
  readonly staging: boolean;
  /** What is wrong with jailctl's own directories in the jail; absent where nothing was looked at. */
  readonly faults?: readonly DirectoryFault[];
  /** What is wrong with the marker's own file, for a person; its text aside. */
  readonly markerFault?: string;
  /** Does the directory that holds the jail give new ones an ACL (acl(5), default ACLs)? */
  readonly inheritsAcl?: boolean;
  /** Desired only: what stands there was made without jailctl, and is taken over as it is. */
  readonly adopts?: true;
  /** Disk space of the whole directory, for a jail that nobody wants any more. */
  readonly bytes?: number;
  /** Where its homes are, if there are any, for a jail that nobody wants any more. */
  readonly homes?: string;
}
