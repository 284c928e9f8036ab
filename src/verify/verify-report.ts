import { severities } from './probe.ts';
import type { Verdict, VerdictName } from './verdict.ts';
import { verdictNames } from './verdict.ts';
import type { JailVerification } from './verify-jail.ts';

/** What `jailctl verify` found out. */
export interface VerifyReport {
  /** In the order of the host's register. */
  readonly jails: readonly JailVerification[];
  /** It did not come to its end. */
  readonly isInterrupted: boolean;
}

/** A failure that fails the verification: of severity medium or above. */
export function isBreach({ verdict, probe }: Verdict): boolean {
  return verdict === 'failed' && severities.indexOf(probe.severity) <= severities.indexOf('medium');
}

export type Counts = Readonly<Record<VerdictName, number>>;

export function countVerdicts(verdicts: readonly Verdict[]): Counts {
  const counts = Object.fromEntries(verdictNames.map((name) => [name, 0])) as Record<
    VerdictName,
    number
  >;
  for (const { verdict } of verdicts) counts[verdict]++;
  return counts;
}

/**
 * Did every jail hold? An attempt that went wrong has proven nothing, nor has a verification in
 * which nothing was attacked: both are no success.
 */
export function isProven({ jails, isInterrupted }: VerifyReport): boolean {
  const verdicts = jails.flatMap((jail) => jail.verdicts);
  if (isInterrupted || verdicts.some((one) => isBreach(one) || one.isError)) return false;
  return jails.every((jail) => jail.verdicts.some(({ verdict }) => verdict === 'passed'));
}
