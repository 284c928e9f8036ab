import type { Probe } from './probe.ts';

/** What an attempt found out. */
export type Finding =
  /** The attempt was stopped, and its control shows that but for the layer it would not have been. */
  | { readonly found: 'held'; readonly evidence: string }
  /** The attempt worked. `isBeyond`: further than what is known of the engine (`weakOn`) explains. */
  | { readonly found: 'broken'; readonly evidence: string; readonly isBeyond?: true }
  /** The control did not work on this host, so the attempt says nothing. */
  | { readonly found: 'no_control'; readonly why: string };

export const verdictNames = [
  'passed',
  'failed',
  'not_proven',
  'known_weakness',
  'not_applicable',
] as const;
export type VerdictName = (typeof verdictNames)[number];

/** A probe and what it came to. */
export interface Verdict {
  readonly probe: Probe;
  readonly verdict: VerdictName;
  /** What was seen, or why nothing was proven, for a person. */
  readonly evidence: string;
  /** Of `not_proven`: the attempt itself went wrong; no lack of the host explains it. */
  readonly isError: boolean;
  readonly timeMs: number;
}

export function held(evidence: string): Finding {
  return { found: 'held', evidence };
}

export function broken(evidence: string): Finding {
  return { found: 'broken', evidence };
}

export function beyond(evidence: string): Finding {
  return { found: 'broken', evidence, isBeyond: true };
}

export function noControl(why: string): Finding {
  return { found: 'no_control', why };
}

/** The first finding that is not `held`, or else the first of all. */
export function worst(findings: readonly [Finding, ...Finding[]]): Finding {
  return (
    findings.find(({ found }) => found === 'broken') ??
    findings.find(({ found }) => found === 'no_control') ??
    findings[0]
  );
}
