import { printable } from '../model/printable.ts';
import type { RunResult } from './run-result.ts';

/** Results of which the program itself has said enough. */
const selfExplaining = ['ok', 'runtime_error'];

/** The files that were wanted of a run and are not there: a line each, fit for a terminal. */
export function copyNotices({ copiedOut }: RunResult): readonly string[] {
  return copiedOut.flatMap((copy) =>
    'error' in copy ? [`jailctl: ${printable(`${copy.from}: not copied: ${copy.error}`)}\n`] : [],
  );
}

/** How a run ended, where the program has not said so itself: a line that is fit for a terminal. */
export function endNotice({ status, message }: RunResult): string | undefined {
  if (selfExplaining.includes(status)) return undefined;
  // It names the command, which a caller may have from anywhere.
  return `jailctl: ${printable(message)}\n`;
}
