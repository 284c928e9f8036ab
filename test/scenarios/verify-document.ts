import type { CommandResult } from '../../src/host/throwaway.ts';

/** As much of a verdict as tests look at. */
export interface VerdictDocument {
  readonly id: string;
  readonly verdict: string;
  readonly evidence: string;
  readonly went_wrong: boolean;
}

/** As much of what `verify --json` prints as tests look at. */
export interface VerifyDocument {
  readonly interrupted: boolean;
  readonly jails: readonly {
    readonly jail: string;
    readonly path: string;
    readonly engine: string;
    readonly made_by_jailctl: boolean;
    readonly probes: readonly VerdictDocument[];
  }[];
}

/** @throws Error with what jailctl said, when there is no document */
export function verifyDocument({ exitCode, stdout, stderr }: CommandResult): VerifyDocument {
  if (!stdout.startsWith('{')) throw new Error(`no document, but ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

export function verdictsOf(result: CommandResult): readonly VerdictDocument[] {
  return verifyDocument(result).jails.flatMap(({ probes }) => probes);
}

/** `ID VERDICT` lines, to compare; `ID VERDICT: EVIDENCE` of those that need a reason. */
export function linesOf(
  verdicts: readonly VerdictDocument[],
  wanted: (verdict: VerdictDocument) => boolean,
): readonly string[] {
  return verdicts
    .filter(wanted)
    .map(({ id, verdict, evidence }) => `${id} ${verdict}: ${evidence}`);
}
