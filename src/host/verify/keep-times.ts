import { spawnSync } from 'node:child_process';
import { lstatSync, realpathSync } from 'node:fs';
import { requireCommand, toolEnvironment } from '../path.ts';

/** Of a directory that no symlink leads to; undefined for anything else. */
function modifiedNs(path: string): bigint | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat?.isDirectory() && realpathSync(path) === path ? stat.mtimeNs : undefined;
}

/**
 * Gives directories the modification times back that they have now, when it is disposed of. What was
 * made in them must be gone by then. By touch(1), because utimes(2) from JavaScript can't carry
 * nanoseconds.
 */
export function keepTimes(directories: readonly string[]): Disposable {
  const before = directories.map((path) => ({ path, timeNs: modifiedNs(path) }));
  return {
    [Symbol.dispose]: () => {
      for (const { path, timeNs } of before) {
        const nowNs = modifiedNs(path);
        if (timeNs === undefined || nowNs === undefined || nowNs === timeNs) continue;
        const rest = String(timeNs % 1_000_000_000n).padStart(9, '0');
        const date = `--date=@${timeNs / 1_000_000_000n}.${rest}`;
        const options = ['-m', '--no-create', '--no-dereference', date, '--', path];
        spawnSync(requireCommand('touch'), options, { env: toolEnvironment, stdio: 'ignore' });
      }
    },
  };
}
