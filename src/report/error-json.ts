import type { Diagnostic } from '../model/diagnostic.ts';

/** What went wrong, as the document that `schemas/error.schema.json` describes. */
export interface ErrorReport {
  readonly message: string;
  readonly hint?: string;
  readonly exitCode: number;
  /** From the outermost cause to the innermost. */
  readonly causes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export function errorDocument(error: ErrorReport): Record<string, unknown> {
  return {
    format_version: '1.1',
    type: 'error',
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    exit_code: error.exitCode,
    causes: error.causes,
    diagnostics: error.diagnostics.map(({ code, message, hint, at }) => ({
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(at === undefined ? {} : { file: at.file, line: at.line, column: at.column }),
    })),
  };
}
