import { type ExitCode, exitCode } from '../model/exit-code.ts';
import type { Context } from './context.ts';

export interface Interrupt extends Disposable {
  /** Aborted by the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** What to exit with; undefined as long as there was no signal. */
  readonly exitCode: ExitCode | undefined;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Until it is disposed, the first signal asks the work to end in its own way. From then to the end
 * of the process a second one ends it at once, with the same exit code. Even then nothing is half
 * done that a later run can't mend: every step leaves the host consistent.
 * @param ending what happens now, for the message: `ending after the running step`
 * @param tell shows the message
 */
export function interruptSignal(
  context: Context,
  ending: string,
  tell = (text: string) => context.output.notice(`\n${text}\n`),
): Interrupt {
  const controller = new AbortController();
  let code: ExitCode | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (code !== undefined) process.exit(code);
    code = name === 'SIGTERM' ? exitCode.terminated : exitCode.interrupted;
    tell(`${name}: ${ending}; once more ends at once`);
    controller.abort(name);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return code;
    },
    [Symbol.dispose]: () => {
      // The work has ended, but the process may still wait for its janitor or its output.
      if (code !== undefined) return;
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
