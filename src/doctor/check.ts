import type { Init } from '../kinds/boot/state.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Reader } from '../model/reader.ts';
import type { RunFacts } from '../model/run-facts.ts';
import type { OldIds } from './old-ids/old-ids.ts';

/** What a person may do. jailctl itself only shows it. */
export interface Remedy {
  /** What it does: `shows them`, `deletes them`; or all of it, where there is nothing to type. */
  readonly does: string;
  /** Shell text. */
  readonly command?: string;
  /** A line of a manifest. */
  readonly manifest?: string;
}

/** Something that was found. */
export interface Finding {
  /**
   * `info`: it is well so, and good to know. `warning`: it may be meant so. `unknown`: it could not
   * be looked at.
   */
  readonly status: 'info' | 'unknown' | 'warning' | 'problem';
  readonly message: string;
  /** What was seen: paths, processes, lines of a file. */
  readonly evidence: readonly string[];
  /** How much was seen besides. */
  readonly more: number;
  readonly remedies: readonly Remedy[];
}

/** What checks look at. */
export interface ExaminedHost {
  readonly reader: Reader;
  /** Of root's to read. */
  readonly oldIds: OldIds;
  readonly isRoot: boolean;
  readonly runs: RunFacts;
  /** What starts programs at boot; undefined where jailctl knows no such thing. */
  readonly init: Init | undefined;
  /** The one that was named, if any. */
  readonly manifest: Manifest | undefined;
}

/** One thing that can be wrong with a host. It only looks. */
export interface Check {
  /** Names it for programs: `old-ids-files`. */
  readonly id: string;
  /** Names it for a person; what was found is told below it. */
  readonly title: string;
  /** Nobody else can see it. */
  readonly needsRoot?: true;
  /** @returns nothing where all is well */
  examine(host: ExaminedHost): readonly Finding[];
}

/** A finding of which nothing is to be shown but what it says. */
export function finding(
  status: Finding['status'],
  message: string,
  remedies: readonly Remedy[] = [],
): Finding {
  return { status, message, evidence: [], more: 0, remedies };
}

/** How much evidence a finding shows. */
export const evidenceMax = 10;

/** The first of what was seen, and how much more there is. */
export function someOf(seen: readonly string[]): Pick<Finding, 'evidence' | 'more'> {
  const evidence = seen.slice(0, evidenceMax);
  return { evidence, more: seen.length - evidence.length };
}
