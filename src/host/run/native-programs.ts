import { statSync } from 'node:fs';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';

/** The programs of native/, as they are built. */
export type NativeProgram = 'jailctl-init' | 'jailctl-launch' | 'jailctl-probe' | 'jailctl-sweep';

/**
 * Where a program of jailctl's own is.
 * @param packageRoot where jailctl itself is installed
 * @throws Failure with exit code 7 when it is not there, or a jail user could not run it
 */
export function requireNative(packageRoot: string, name: NativeProgram): string {
  const path = `${packageRoot}/dist/${name}`.replaceAll('//', '/');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new Failure(`${path} is missing`, {
      exitCode: exitCode.missing,
      hint: 'build it: npm run build (needs a C compiler)',
    });
  }
  if (stat.isFile() && (stat.mode & 0o111) === 0o111) return path;
  throw new Failure(`${path} is not executable for everybody`, {
    exitCode: exitCode.missing,
    hint: `chmod 0755 ${path}`,
  });
}
