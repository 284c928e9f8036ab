import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { formatBytes, plural } from '../model/numbers.ts';
import type { Plan } from '../model/plan.ts';
import { type DataLoss, dataLosses } from '../planner/data-loss.ts';
import type { Context } from './context.ts';
import type { CommonOptions } from './options.ts';

/** What a person is asked, and how to answer it without one. */
export interface Approval {
  /** Of the command: `apply`. */
  readonly name: string;
  /** What follows the name: a saved plan. */
  readonly argument?: string;
  readonly question: string;
}

/** How many homes an error names. */
const namedMax = 3;

function refuse(message: string, hint?: string): never {
  throw new Failure(message, {
    exitCode: exitCode.refused,
    ...(hint === undefined ? {} : { hint }),
  });
}

function describe(losses: readonly DataLoss[]): string {
  const bytes = losses.reduce((sum, one) => sum + one.bytes, 0);
  const named = losses.slice(0, namedMax).map(({ path }) => path);
  const more = losses.length > namedMax ? `, and ${losses.length - namedMax} more` : '';
  return `${plural(losses.length, 'home')} with ${formatBytes(bytes)} of data: ${named.join(', ')}${more}`;
}

/** A yes to the plan says nothing of data that is gone for good: that wants a word of its own. */
async function approveLosses(context: Context, losses: readonly DataLoss[]): Promise<void> {
  for (const [jail, own] of Map.groupBy(losses, (one) => one.jail)) {
    const question = `Deletes ${describe(own)}.\nType the name of the jail to delete it: `;
    if ((await context.ask(question)).trim() === jail) continue;
    refuse('not approved, so nothing was changed');
  }
}

/**
 * While a person thought about a plan, jails went on running. What came into a home since, or into one
 * that was empty, was not in the question.
 */
function refuseNewLosses(known: readonly DataLoss[], plan: Plan): void {
  const paths = new Set(known.map(({ path }) => path));
  const found = dataLosses(plan).filter(({ path }) => !paths.has(path));
  if (found.length === 0) return;
  refuse(
    `since the plan was made, data came into homes that it deletes: ${describe(found)}; so nothing was changed`,
    'run the command again: it makes a new plan',
  );
}

/**
 * Goes on when somebody wants it. Only `yes` means yes.
 * @param flags what says it without being asked
 * @throws Failure with exit code 4 when nobody does
 */
export async function confirm(
  context: Context,
  { name, argument, question }: Approval,
  options: Pick<CommonOptions, 'yes' | 'json'>,
  flags = '--yes',
): Promise<void> {
  if (options.yes === true) return;
  if (!context.canAsk || options.json === true) {
    refuse(
      'nobody can be asked here, so nothing was changed',
      `to do it without asking: jailctl ${[name, argument, flags].filter(Boolean).join(' ')}`,
    );
  }
  const answer = await context.ask(`${question} Only "yes" is a yes: `);
  if (answer.trim() !== 'yes') refuse('not approved, so nothing was changed');
}

/**
 * Lets a plan through when somebody wants it. Only `yes` means yes, and data is deleted only for
 * who says so: by `--destroy-data`, or by the name of each jail that loses some.
 * @param replan plans again, once a person has answered
 * @throws Failure with exit code 4 when nobody does, or when there is more to lose by then
 */
export async function approve(
  context: Context,
  approval: Approval,
  plan: Plan,
  options: CommonOptions,
  replan: () => Plan,
): Promise<void> {
  const losses = options.destroyData === true ? [] : dataLosses(plan);
  const flags = losses.length === 0 ? '--yes' : '--yes --destroy-data';
  await confirm(context, approval, options, flags);
  if (options.yes !== true) {
    await approveLosses(context, losses);
    if (options.destroyData !== true) refuseNewLosses(losses, replan());
    return;
  }
  if (losses.length === 0) return;
  refuse(
    `this would delete ${describe(losses)}; so nothing was changed`,
    'add --destroy-data to delete it; --archive DIRECTORY keeps a copy of each home',
  );
}
