import type { Conflict } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { plural } from '../model/numbers.ts';

/** A plan that must not be carried out. Whoever reads JSON sees the conflicts here only. */
export class ConflictError extends Failure {
  override readonly name = 'ConflictError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(conflicts: readonly Conflict[]) {
    super(`${plural(conflicts.length, 'conflict')}, so nothing was changed`, {
      exitCode: exitCode.refused,
      hint: 'the plan says what is in the way, and the ways out',
    });
    this.diagnostics = conflicts.map(({ message, waysOut }) => ({
      code: 'conflict',
      message,
      hint: waysOut.join('; '),
    }));
  }
}
