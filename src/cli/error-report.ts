import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { ErrorReport } from '../report/error-json.ts';
import { ConflictError } from './conflict-error.ts';
import { ManifestError } from './manifest-error.ts';

/** Messages of an error's causes, from the outermost to the innermost. */
function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (
    let at = error instanceof Error ? error.cause : undefined;
    at instanceof Error;
    at = at.cause
  ) {
    causes.push(at.message);
  }
  return causes;
}

/** What can be told of an error, in text or in JSON. */
export function reportOf(error: unknown): ErrorReport {
  const message = error instanceof Error ? error.message : String(error);
  const causes = causesOf(error);
  const isListed = error instanceof ManifestError || error instanceof ConflictError;
  const diagnostics = isListed ? error.diagnostics : [];
  if (error instanceof Failure) {
    const { hint } = error;
    const common = { message, causes, diagnostics, exitCode: error.exitCode };
    return hint === undefined ? common : { ...common, hint };
  }
  return { message, causes, diagnostics, exitCode: exitCode.failed };
}
