import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApplyEvent } from '../model/event.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Stage } from '../model/plan.ts';
import type { Step } from '../model/step.ts';

/** What carrying out a plan needs from outside. */
export interface Effects {
  execute(step: Step): Promise<void>;
  emit(event: ApplyEvent): void;
  /** Aborted by the first Ctrl-C: the running step ends, the next one does not start. */
  readonly signal: AbortSignal;
}

/** Most steps are system calls that don't yield; signals and the display get a turn this often. */
const turnEveryMs = 25;

function bytesOf(step: Step): number {
  return step.op === 'copyFile' ? step.sizeBytes : 0;
}

function describe(step: Step): string {
  switch (step.op) {
    case 'run':
      return step.argv.join(' ');
    case 'endProcesses':
      return `end the processes of ${step.uids.length} users`;
    case 'endRuns':
      return `end the runs of ${step.users.map(({ name }) => name).join(', ')}`;
    case 'reloadSshd':
      return 'make sshd read its configuration';
    case 'editAccounts':
      return 'rewrite the account files';
    case 'rename':
      return `rename ${step.from} to ${step.to}`;
    case 'removeTrees':
      return `remove ${step.paths.join(', ') || `what is left in ${step.scratch}`}`;
    case 'archiveHome':
      return `archive ${step.path} in ${step.directory}`;
    case 'copyFile':
      return `copy ${step.from} to ${step.to.path}`;
    case 'writeFile':
    case 'makeSymlink':
      return `${step.op} ${step.to.path}`;
    case 'makeDevices':
      return `make the devices ${step.devices.map(({ to }) => to.path).join(', ')}`;
    default:
      return `${step.op} ${step.path}`;
  }
}

export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Failure('interrupted', {
    exitCode: signal.reason === 'SIGTERM' ? exitCode.terminated : exitCode.interrupted,
    hint: 'what is done is done whole; run the command again to go on',
  });
}

async function runStep(stage: Stage, step: Step, effects: Effects): Promise<void> {
  try {
    await effects.execute(step);
  } catch (error) {
    const { exitCode: code, hint } =
      error instanceof Failure ? error : { exitCode: exitCode.failed, hint: undefined };
    throw new Failure(`${stage.title}: can't ${describe(step)}`, {
      exitCode: code,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

/**
 * Carries out the steps of one stage, one after the other.
 * @throws Failure naming the step that did not work, or that the run was interrupted
 */
export async function runStage(stage: Stage, effects: Effects): Promise<void> {
  const started = performance.now();
  const bytes = stage.steps.reduce((sum, step) => sum + bytesOf(step), 0);
  const total = { stage: stage.title, steps: stage.steps.length, bytes };
  effects.emit({ type: 'stage_started', ...total });
  let bytesDone = 0;
  let lastTurn = started;
  for (const [stepsDone, step] of stage.steps.entries()) {
    throwIfAborted(effects.signal);
    await runStep(stage, step, effects);
    bytesDone += bytesOf(step);
    if (performance.now() - lastTurn < turnEveryMs) continue;
    effects.emit({ type: 'progress', ...total, stepsDone: stepsDone + 1, bytesDone });
    await nextTurn();
    lastTurn = performance.now();
  }
  for (const { address, action } of stage.changes) {
    effects.emit({ type: 'change_applied', address, action });
  }
  const durationMs = Math.round(performance.now() - started);
  effects.emit({ type: 'stage_finished', stage: stage.title, durationMs });
}
