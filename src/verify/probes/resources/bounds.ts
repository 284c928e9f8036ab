import type { Controller } from '../../../run/layers.ts';
import type { LimitOverride } from '../../../run/limits.ts';
import { outcomeText, requireOutcome } from '../../attempt.ts';
import type {
  Action,
  InsideAnswer,
  InsideOptions,
  OutsideOptions,
  Range,
  Subject,
} from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';

/** `{ memory: 24 * mib }`, in bytes, seconds and pieces. */
export function limits(values: Readonly<Record<string, number>>): readonly LimitOverride[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** @param wrong what shows that the attempt worked; `false`: not so */
export function unless(evidence: string, ...wrong: readonly (string | false)[]): Finding {
  const found = wrong.filter((one) => one !== false);
  return found.length === 0 ? held(evidence) : broken(`${found.join('; ')} (${evidence})`);
}

/** An attempt to have more than a limit. */
export interface Excess {
  /** What is done outside, where it must work. */
  readonly control: Action;
  /** Absent: as the same UID. */
  readonly controlOptions?: OutsideOptions;
  /** Absent: the same. */
  readonly attempt?: Action;
  readonly inside: InsideOptions;
  judge(answer: InsideAnswer): Finding;
}

/** @returns why there is no control; undefined where it works */
export async function missingControl(
  range: Range,
  action: Action,
  options?: OutsideOptions,
): Promise<Finding | undefined> {
  const answer = await range.host.outside(action, options ?? { as: range.user.uid });
  requireOutcome(answer, 'outside the jail');
  if (answer.outcome === 'done') return undefined;
  return noControl(`outside the jail it does not work either: ${outcomeText(answer)}`);
}

/** @throws Error when the program was not run */
export async function runInside(
  range: Range,
  action: Action,
  options: InsideOptions,
): Promise<InsideAnswer> {
  const answer = await range.inside(action, options);
  if (answer.result.status === 'sandbox_error') throw new Error(answer.result.message);
  return answer;
}

/** One after the other: at the end of a run, the engine `chroot` kills all processes of the user. */
export async function tryExcess(range: Range, excess: Excess): Promise<Finding> {
  const { control, controlOptions, attempt = control, inside, judge } = excess;
  const missing = await missingControl(range, control, controlOptions);
  return missing ?? judge(await runInside(range, attempt, inside));
}

/** How the run ended, for evidence. */
export function ending({ outcome, result }: InsideAnswer): string {
  return outcome === 'none' ? result.message : `${outcome}, ${result.message}`;
}

/** For `weakOn`: a limit that only a cgroup enforces. */
export function withoutGroup(controller: Controller): (subject: Subject) => string | undefined {
  return ({ enforcement }) =>
    enforcement.controllers.has(controller)
      ? undefined
      : `jailctl can set no ${controller} cgroup on this host`;
}

/** For `moot`: what is made for the run by an OCI runtime. */
export function noTmp({ engine }: Subject): string | undefined {
  return engine === 'chroot' ? 'with this engine there is no /tmp of limited size' : undefined;
}

export function noFreshHome({ engine }: Subject): string | undefined {
  return engine === 'chroot' ? 'with this engine no home is a file system of its own' : undefined;
}
