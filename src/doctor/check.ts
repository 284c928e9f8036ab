import type { Reader } from '../model/reader.ts';
import type { OldIds } from './old-ids/old-ids.ts';

/** A command that a person may type. jailctl itself only shows it. */
export interface Remedy {
  /** What it does: `shows them`, `deletes them`. */
  readonly does: string;
  /** Shell text. */
  readonly command: string;
}

/** Something that is not as it should be. */
export interface Finding {
  /** `warning`: it may be meant so. */
  readonly status: 'warning' | 'problem';
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
  readonly oldIds: OldIds;
}

/** One thing that can be wrong with a host. It only looks. */
export interface Check {
  /** Names it for programs: `old-ids-files`. */
  readonly id: string;
  /** Names it for a person; what was found is told below it. */
  readonly title: string;
  /** @returns nothing where all is well */
  examine(host: ExaminedHost): readonly Finding[];
}

/** How much evidence a finding shows. */
export const evidenceMax = 10;

/** The first of what was seen, and how much more there is. */
export function someOf(seen: readonly string[]): Pick<Finding, 'evidence' | 'more'> {
  const evidence = seen.slice(0, evidenceMax);
  return { evidence, more: seen.length - evidence.length };
}
