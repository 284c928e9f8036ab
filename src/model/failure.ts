import { type ExitCode, exitCode } from './exit-code.ts';

/**
 * An effect that failed or a refusal, with its exit code and what to do next. A mistake in a
 * manifest is a Diagnostic instead.
 */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(
    message: string,
    options: { exitCode?: ExitCode; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCode.failed;
    this.hint = options.hint;
  }
}

/** A signal ended a tool, in the middle of whatever it said. */
export class SignalledToolError extends Failure {
  override readonly name = 'SignalledToolError';
}

/** A program that jailctl needs is not on this host. */
export class MissingToolError extends Failure {
  override readonly name = 'MissingToolError';

  constructor(tool: string, packageName?: string) {
    super(`the host has no ${tool}`, {
      exitCode: exitCode.missing,
      hint:
        packageName === undefined
          ? `install ${tool}`
          : `install it: apt-get install ${packageName}`,
    });
  }
}
