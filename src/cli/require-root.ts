import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Context } from './context.ts';

/** @throws Failure with exit code 7 for anybody but root */
export function requireRoot(context: Context, command: string): void {
  if (context.isRoot) return;
  throw new Failure(`${command} has to see everything on this host, and only root can`, {
    exitCode: exitCode.missing,
    hint: `run it as root: sudo jailctl ${command}`,
  });
}
