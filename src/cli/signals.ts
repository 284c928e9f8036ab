import { exitCode } from '../model/exit-code.ts';
import type { Context } from './context.ts';

export interface Interrupt extends Disposable {
  /** Aborted by the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Until it is disposed, the first signal asks the run to end after the running step, and the
 * second one ends it at once. Even then nothing is half done that a later run can't mend: every
 * step leaves the host consistent.
 */
export function interruptSignal(context: Context): Interrupt {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    const code = name === 'SIGTERM' ? exitCode.terminated : exitCode.interrupted;
    if (controller.signal.aborted) process.exit(code);
    context.output.notice(`\n${name}: ending after the running step; once more ends at once\n`);
    controller.abort(name);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
