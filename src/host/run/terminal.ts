import { spawnSync } from 'node:child_process';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { requireCommand, toolEnvironment } from '../path.ts';

function stty(...args: readonly string[]): string {
  const result = spawnSync(requireCommand('stty'), args, {
    env: toolEnvironment,
    stdio: ['inherit', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return result.stdout.trim();
  throw new Failure(`can't read or set the terminal: ${result.stderr}`, {
    exitCode: exitCode.sandbox,
    cause: result.error,
  });
}

/**
 * Remembers how this process's terminal is set, and sets it so again when it is disposed: a runtime
 * that is killed leaves it in raw mode.
 */
export function saveTerminal(): Disposable {
  const settings = stty('--save');
  return { [Symbol.dispose]: () => void stty(settings) };
}
