import { type Answer, noOutcome } from '../model/probe-answer.ts';
import type { Action, InsideOptions, OutsideOptions, Range } from './range.ts';
import { broken, type Finding, held, noControl } from './verdict.ts';

/** The same attempt in the jail and outside of it. */
export interface Comparison {
  readonly attempt: Action;
  /** Absent: the attempt itself. */
  readonly control?: Action;
  /** Absent: as the same UID. `root`: with every right, in namespaces of its own. */
  readonly controlAs?: 'user' | 'root';
  /** Outcomes that the control counts as working besides `done`: `EINVAL`, past the check of rights. */
  readonly reached?: readonly string[];
  /** Outcomes by which the layer refuses; any other one that is not `reached` proves nothing. */
  readonly refusals: readonly string[];
  readonly inside?: InsideOptions;
}

/** What an answer said, for evidence: `EPERM (mount)`. */
export function outcomeText({ outcome, facts }: Answer): string {
  const call = facts.get('call');
  return call === undefined ? outcome : `${outcome} (${call})`;
}

/** @throws Error when the program was ended before it could say how the attempt came out */
export function requireOutcome(answer: Answer, where: string): void {
  if (answer.outcome !== noOutcome) return;
  const said = answer.output.trim().slice(-300);
  throw new Error(`the probe program said no outcome ${where}${said === '' ? '' : `: ${said}`}`);
}

/** @throws Error when it came to something that no layer says, which proves nothing */
export function requireRefusal(answer: Answer, refusals: readonly string[]): void {
  if (refusals.includes(answer.outcome)) return;
  throw new Error(
    `in the jail it came to ${outcomeText(answer)}, which is not ${refusals.join(' or ')}`,
  );
}

function controlOptions(range: Range, { controlAs = 'user' }: Comparison): OutsideOptions {
  return controlAs === 'root' ? { isolated: true } : { as: range.user.uid };
}

/**
 * Tries an action outside the jail, where it must work, and then in it, where it must be refused.
 * @throws Error when the attempt in the jail came out neither way
 */
export async function compare(range: Range, comparison: Comparison): Promise<Finding> {
  const { attempt, control = attempt, reached = [], refusals, inside } = comparison;
  const works = ({ outcome }: Answer) => outcome === 'done' || reached.includes(outcome);
  const outside = await range.host.outside(control, controlOptions(range, comparison));
  requireOutcome(outside, 'outside the jail');
  if (!works(outside)) {
    return noControl(`outside the jail it does not work either: ${outcomeText(outside)}`);
  }
  const answer = await range.inside(attempt, inside);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  if (works(answer)) return broken(`it worked in the jail: ${outcomeText(answer)}`);
  requireRefusal(answer, refusals);
  return held(`${outcomeText(answer)} in the jail, ${outcomeText(outside)} outside`);
}
