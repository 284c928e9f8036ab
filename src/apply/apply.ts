import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { markerFile } from '../model/host-paths.ts';
import type { Plan, Stage } from '../model/plan.ts';
import type { JailSettings } from '../model/settings.ts';
import { type Effects, runStage, throwIfAborted } from './run-stage.ts';

/** How a plan is carried out; the view decides how its stages are shown. */
export interface Session {
  readonly effects: Effects;
  /** Runs the stages one after the other, and shows them; the first failure ends it. */
  sequence(stages: readonly Stage[], run: (stage: Stage) => Promise<void>): Promise<void>;
  /** Reads the host again and plans anew. */
  replan(): Plan;
  /** Jails whose trees are right when nothing is left to do. */
  readonly settled: readonly JailSettings[];
  /** Milliseconds since the epoch, by the clock that stamps files. */
  now(): number;
}

/** How many addresses an error names. */
const namedMax = 5;

function refuseConflicts(plan: Plan): void {
  if (plan.conflicts.length === 0) return;
  throw new Failure(`${plan.conflicts.length} conflict(s): nothing was changed`, {
    exitCode: exitCode.refused,
    hint: 'the plan above says what is in the way, and the ways out',
  });
}

function checkNothingIsLeft(plan: Plan): void {
  const differences = [
    ...plan.stages.flatMap((stage) => stage.changes).map((one) => [one.address, one.reasons[0]]),
    ...plan.conflicts.map((one) => [one.address, one.message]),
  ];
  if (differences.length === 0) return;
  const named = differences.slice(0, namedMax).map(([address, why]) => `${address} (${why})`);
  const more = differences.length - namedMax;
  const others = more > 0 ? ` and ${more} more` : '';
  throw new Failure(`the host still differs after the run: ${named.join(', ')}${others}`, {
    hint: 'something else changes this host at the same time: look, then run the command again',
  });
}

/**
 * A seal says: at this instant every path of the jail was compared, and was right. Later plans
 * read the content of files that changed since, and only theirs.
 */
export async function seal(
  jails: readonly JailSettings[],
  execute: Effects['execute'],
  instantMs: number,
): Promise<void> {
  for (const jail of jails) {
    const path = markerFile(jail.path);
    try {
      await execute({ op: 'setModifiedTime', path, mtimeMs: instantMs });
    } catch (error) {
      const hint =
        'all changes are made; until a later apply seals it, plans read all of its files';
      throw new Failure(`can't seal jail ${jail.name} by the time of ${path}`, {
        hint,
        cause: error,
      });
    }
  }
}

/**
 * Carries out a plan, then plans again: what was to be done must be done.
 * @throws Failure with exit code 4 when the plan has conflicts, 130 or 143 when it was interrupted,
 *   and 1 when a step failed or the host still differs
 */
export async function applyPlan(plan: Plan, session: Session): Promise<void> {
  refuseConflicts(plan);
  const { effects } = session;
  const started = performance.now();
  const changes = plan.stages.reduce((sum, stage) => sum + stage.changes.length, 0);
  effects.emit({ type: 'apply_started', stages: plan.stages.length, changes });
  await session.sequence(plan.stages, (stage) => runStage(stage, effects));
  throwIfAborted(effects.signal);
  const comparedAtMs = session.now();
  checkNothingIsLeft(session.replan());
  await seal(session.settled, effects.execute, comparedAtMs);
  const durationMs = Math.round(performance.now() - started);
  effects.emit({ type: 'apply_finished', changes, durationMs });
}
