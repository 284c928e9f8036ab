import { requireOutcome } from '../../attempt.ts';
import type { Action, Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';

/** The kernel did not let it pass. */
const refusals = ['EPERM', 'EACCES', 'ENOSYS', 'SIGSYS', 'SIGSEGV'];

/** Of those, what a kernel says that does not have the call at all. */
const lacks = ['ENOSYS', 'SIGSYS', 'SIGSEGV'];

/** The name by which the probe program tells how a call came out (native/probe/privilege-calls.c). */
export function labelOf(call: string): string {
  const [name = ''] = call.split(' ');
  return name.slice(name.indexOf(':') + 1);
}

export function callAction(calls: readonly string[]): Action {
  const [first = [], ...others] = calls.map((call) => call.split(' '));
  return ['call', ...first, ...others.flatMap((words) => [',', ...words])];
}

type Outcomes = ReadonlyMap<string, string>;

function outcomeOf(call: string, outcomes: Outcomes): string {
  const outcome = outcomes.get(labelOf(call));
  if (outcome === undefined) throw new Error(`the probe program did not say how ${call} came out`);
  // Not the filter: somebody has killed the process, or it has run into a limit.
  if (outcome.startsWith('signal-')) throw new Error(`${call} ended with ${outcome}`);
  return outcome;
}

const isRefused = (call: string, outcomes: Outcomes) =>
  refusals.includes(outcomeOf(call, outcomes));

function told(calls: readonly string[], outcomes: Outcomes): string {
  return calls.map((call) => `${labelOf(call)} ${outcomeOf(call, outcomes)}`).join(', ');
}

/** As the user, and what that may not do as root, in namespaces of its own. */
async function controls(range: Range, calls: readonly string[]): Promise<Outcomes> {
  const asUser = await range.host.outside(callAction(calls), { as: range.user.uid });
  requireOutcome(asUser, 'outside the jail');
  const left = calls.filter((call) => isRefused(call, asUser.facts));
  if (left.length === 0) return asUser.facts;
  const asRoot = await range.host.outside(callAction(left), { isolated: true });
  requireOutcome(asRoot, 'outside the jail, as root');
  return new Map([...asUser.facts, ...asRoot.facts]);
}

/**
 * Tries system calls, each of which must be refused in the jail. Their arguments are such that the
 * kernel looks at the caller's rights first and then finds a mistake: whoever gets so far as to be
 * told of the mistake would have got through, and nothing has happened.
 * @param calls `NAME[:LABEL] ARGUMENT…`. Those that the kernel does not have are no way in: they are
 *   passed over, and the evidence says so.
 */
export async function refuseCalls(range: Range, calls: readonly string[]): Promise<Finding> {
  const outside = await controls(range, calls);
  const answer = await range.inside(callAction(calls));
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const through = calls.filter((call) => !isRefused(call, answer.facts));
  if (through.length > 0) return broken(`in the jail: ${told(through, answer.facts)}`);
  const absent = calls.filter((call) => lacks.includes(outcomeOf(call, outside)));
  const present = calls.filter((call) => !absent.includes(call));
  const without = absent.map(labelOf).join(', ');
  if (present.length === 0) return noControl(`this kernel does not have ${without}`);
  const unproven = present.filter((call) => isRefused(call, outside));
  if (unproven.length > 0) {
    return noControl(`not even root may do it on this host: ${told(unproven, outside)}`);
  }
  return held(
    `in the jail ${told(present, answer.facts)}; outside ${told(present, outside)}${
      without === '' ? '' : `; this kernel does not have ${without}`
    }`,
  );
}
