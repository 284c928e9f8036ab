import type { Action } from '../../model/change.ts';

/** One line of a plan, as plain text, with what explains it below. */
export interface PlanLine {
  readonly action: Action;
  readonly text: string;
  readonly details?: readonly string[];
}
