import type { RowSpec } from './report/row.ts';
import type { Samples } from './sample.ts';

export interface Effort {
  readonly rounds: number;
  /** In how many of the rounds those take part that are slow by far. */
  readonly slowRounds: number;
  /** How many programs a batch runs. */
  readonly jobs: number;
}

type Rounds = Pick<Effort, 'rounds' | 'slowRounds'>;

/** What is measured together, its contenders in turn, on a throwaway host of its own. */
export interface Case {
  /** What --only is matched with. */
  readonly name: string;
  readonly full: Rounds;
  /** With --quick; no rounds: it is left out. */
  readonly quick: Rounds;
  /** Called in the throwaway host. */
  measure(effort: Effort): Promise<Samples>;
  /** What is made of its samples; they are called `CASE: NAME` there. */
  readonly rows: readonly RowSpec[];
}

/** Without slow contenders. */
export const rounds = (rounds: number): Rounds => ({ rounds, slowRounds: 0 });

/** By what a row names a sample of a case. */
export function sampleKey(caseName: string, name: string): string {
  return `${caseName}: ${name}`;
}
