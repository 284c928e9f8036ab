import { formatCount, plural } from '../model/numbers.ts';
import type { Plan, Stage } from '../model/plan.ts';

/** Follows a plan, to tell what was done of it when it is cut. */
export class Outcome {
  readonly #plan: Plan;
  readonly #done: Stage[] = [];
  #running: Stage | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Runs a stage; one that fails stays the running one. */
  async follow(stage: Stage, run: (stage: Stage) => Promise<void>): Promise<void> {
    this.#running = stage;
    await run(stage);
    this.#done.push(stage);
    this.#running = undefined;
  }

  /** For a person: what is done, what was cut, and what is left. Empty where all was done. */
  report(): string {
    const { stages } = this.#plan;
    const left = stages.filter((one) => !this.#done.includes(one) && one !== this.#running);
    if (left.length === 0 && this.#running === undefined) return '';
    const count = (some: readonly Stage[]) =>
      some.reduce((sum, stage) => sum + stage.changes.length, 0);
    const titles = (some: readonly Stage[]) =>
      some.map(({ title }) => title).join('; ') || 'nothing';
    const cut = this.#running;
    return [
      `${formatCount(count(this.#done))} of ${plural(count(stages), 'change')} made.`,
      `  done:  ${titles(this.#done)}`,
      ...(cut === undefined ? [] : [`  cut:   ${cut.title}: some of it may be done`]),
      `  left:  ${titles(left)}`,
      '',
    ].join('\n');
  }
}
