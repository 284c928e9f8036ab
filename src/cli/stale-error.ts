import type { Diagnostic } from '../model/diagnostic.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';

/** A saved plan that is not what would be planned now. */
export class StaleError extends Failure {
  override readonly name = 'StaleError';
  readonly diagnostics: readonly Diagnostic[];

  /**
   * @param why follows `the plan FILE is stale: `
   * @param messages of the facts that moved, one each
   */
  constructor(file: string, why: string, messages: readonly string[], hint: string) {
    super(`the plan ${file} is stale, so nothing was changed: ${why}`, {
      exitCode: exitCode.stale,
      hint,
    });
    this.diagnostics = messages.map((message) => ({ code: 'moved', message }));
  }
}
