import type { CommandResult } from '../../src/host/throwaway.ts';
import { exitCode } from '../../src/model/exit-code.ts';

/**
 * What is missing in what a failed run of jailctl prints, for a person: a message without a stack,
 * the reason, and once something was begun, what is done and what is left.
 * @param reasons one of them must be told
 */
export function unclear(result: CommandResult, reasons: readonly string[]): readonly string[] {
  const { exitCode: code, signal, stderr } = result;
  const begun = /^\[FAILED\]/m.test(stderr);
  const checks = [
    [code === exitCode.failed, `exits with ${code ?? signal}`],
    [/^jailctl: .+$/m.test(stderr), 'has no message'],
    [!/^ {4}at /m.test(stderr), 'prints a stack'],
    [reasons.some((reason) => stderr.includes(reason)), `does not say ${reasons[0]}`],
    [
      !begun || /^\d+ of \d+ changes? made\.\n {2}done: .+$/m.test(stderr),
      'tells not what is done',
    ],
    [!begun || /^ {2}cut: {3}.+\n {2}left: .+$/m.test(stderr), 'tells not what is left'],
  ] as const;
  const wrong = checks.filter(([right]) => !right).map(([, what]) => what);
  return wrong.length === 0 ? [] : [`${wrong.join(', ')}:\n${stderr}`];
}
