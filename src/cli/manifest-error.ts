import type { Diagnostic } from '../model/diagnostic.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';

/** Carries located mistakes of a manifest to where they are printed. */
export class ManifestError extends Failure {
  override readonly name = 'ManifestError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super('the manifest has errors', { exitCode: exitCode.usage });
    this.diagnostics = diagnostics;
  }
}
