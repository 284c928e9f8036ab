import type { Recorder, Sample } from '../sample.ts';

/** How many jails, and how many users each has. */
export interface Size {
  readonly jails: number;
  readonly users: number;
}

export const operations = ['create', 'plan', 'apply', 'grow', 'upgrade', 'destroy'] as const;
export type Operation = (typeof operations)[number];

export type Who = 'jailctl' | 'floor' | 'old way' | 'Ansible';

/** What a plan is compared with. */
type Look = 'node' | 'find' | 'reads';

/** By what a sample of an operation is recorded. */
export function operationName(who: Who, operation: Operation | Look): string {
  return `${operation}, ${who}`;
}

/** One way to have jails, from their making to their end. It leaves the host as it was. */
export interface Cycle {
  readonly who: Who;
  run(recorder: Recorder): Promise<void>;
}

/** Records what an operation takes. */
export async function record(
  recorder: Recorder,
  who: Who,
  operation: Operation | Look,
  run: () => Promise<Sample>,
): Promise<void> {
  recorder.add(operationName(who, operation), await run());
}
