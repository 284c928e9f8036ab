import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { ErrorReport } from '../report/error-json.ts';
import { ConflictError } from './conflict-error.ts';
import { ManifestError } from './manifest-error.ts';
import { StaleError } from './stale-error.ts';

/** Errors of file systems that Node has no name for: it gives their numbers (errno(3) on Linux). */
const namelessErrors: Readonly<Record<string, string>> = {
  '116': 'ESTALE: stale file handle',
  '117': 'EUCLEAN: the file system is damaged',
  '122': 'EDQUOT: disk quota exceeded',
};

/**
 * Node's message says `Unknown system error -122: Unknown system error -122, open '/x'`, or, of some
 * calls, `UNKNOWN: unknown error, write`.
 */
function messageOf(error: NodeJS.ErrnoException): string {
  return error.message.replace(
    /Unknown system error -\d+: Unknown system error -\d+|UNKNOWN: unknown error/,
    (unknown) => namelessErrors[String(-(error.errno ?? 0))] ?? unknown,
  );
}

/** Messages of an error's causes, from the outermost to the innermost. */
function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (
    let at = error instanceof Error ? error.cause : undefined;
    at instanceof Error;
    at = at.cause
  ) {
    causes.push(messageOf(at));
  }
  return causes;
}

/** What can be told of an error, in text or in JSON. */
export function reportOf(error: unknown): ErrorReport {
  const message = error instanceof Error ? messageOf(error) : String(error);
  const causes = causesOf(error);
  const isListed =
    error instanceof ManifestError || error instanceof ConflictError || error instanceof StaleError;
  const diagnostics = isListed ? error.diagnostics : [];
  if (error instanceof Failure) {
    const { hint } = error;
    const common = { message, causes, diagnostics, exitCode: error.exitCode };
    return hint === undefined ? common : { ...common, hint };
  }
  return { message, causes, diagnostics, exitCode: exitCode.failed };
}
