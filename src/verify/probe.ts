import type { Range, Subject } from './range.ts';
import type { Finding } from './verdict.ts';

/** In the order in which they are reported. */
export const groupNames = [
  'files',
  'processes',
  'network',
  'privilege',
  'resources',
  'leaks',
  'terminal',
] as const;
export type GroupName = (typeof groupNames)[number];

/** From the worst. From `medium` on, a failure fails the whole verification. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** One thing that an attacker in a jail would try. All texts are for a person. */
export interface Probe {
  /** `GROUP/NAME`, in lower case with hyphens: `files/escape-by-path`. */
  readonly id: string;
  /** What is tried: `reads a file outside the jail by its absolute path`. */
  readonly title: string;
  readonly severity: Severity;
  /** The layer that should stop it, as results of `exec` name it, or another barrier in words. */
  readonly layer: string;
  /** What the attempt must meet: `ENOENT`, `no survivor`. */
  readonly expected: string;
  /** What shows, outside the jail, that the attempt would work but for the layer. */
  readonly control: string;
  /** What an attacker has from it. */
  readonly gain: string;
  /** How to close it. */
  readonly remedy: string;
  /** Timing or shared things: while it runs, nothing else of the same verification does. */
  readonly alone?: true;
  /** It needs a second user of the jail, or a user of another jail. */
  readonly needs?: 'sibling' | 'neighbour';
  /** Why there is nothing to attack here; undefined where there is. */
  readonly moot?: (subject: Subject) => string | undefined;
  /** Why this engine is known not to stop it; undefined where it should. */
  readonly weakOn?: (subject: Subject) => string | undefined;
  /** Tries it. What is thrown makes it `not_proven`. */
  attempt(range: Range): Promise<Finding>;
}

export function groupOf({ id }: Pick<Probe, 'id'>): GroupName {
  const name = id.slice(0, id.indexOf('/'));
  const group = groupNames.find((one) => one === name);
  if (group === undefined) throw new Error(`the probe ${id} is of no group`);
  return group;
}
