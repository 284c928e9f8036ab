import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { execa } from 'execa';
import type { VerifyHost } from '../../verify/range.ts';
import { execute } from '../executor.ts';
import { requireCommand, toolEnvironment } from '../path.ts';
import { hostReader } from '../reader.ts';
import { emptyHome } from '../run/home.ts';
import { requireNative } from '../run/native-programs.ts';
import { runTool } from '../tool.ts';
import { makeCanary } from './canary.ts';
import { runOutside, startOutside } from './outside.ts';
import { removeAbandonedTurn } from './turn.ts';

const prefix = '/run/jailctl-verify-';

/** By descriptor, and not into what is mounted there: some of it may be a tenant's. */
async function remove(...paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  await runTool(['rm', '--recursive', '--force', '--one-file-system', '--', ...paths]);
}

/** What verifications left that were killed: those whose process has gone. */
async function removeLeftovers(): Promise<void> {
  const found = readdirSync('/run').flatMap((name) => {
    const pid = /^jailctl-verify-(\d+)-/.exec(name)?.[1];
    return pid === undefined ? [] : [{ path: `/run/${name}`, pid }];
  });
  const running = new Set(readdirSync('/proc'));
  const abandoned = found.filter(({ pid }) => !running.has(pid));
  // Something may be mounted there: that is for a person to look at, and keeps nobody from verifying.
  await remove(...abandoned.map(({ path }) => path)).catch(() => {});
  removeAbandonedTurn();
}

/**
 * What this host does for a verification.
 * @param packageRoot where jailctl itself is installed
 * @throws Failure with exit code 7 without the probe program
 */
export async function openVerifyHost(packageRoot: string): Promise<VerifyHost> {
  const helperPath = requireNative(packageRoot, 'jailctl-probe');
  await removeLeftovers();
  const directory = mkdtempSync(`${prefix}${process.pid}-`);
  chmodSync(directory, 0o711);
  return {
    reader: hostReader,
    helperPath,
    directory,
    outside: (action, options = {}) => runOutside(helperPath, action, options),
    startOutside: (action, options = {}) => startOutside(helperPath, action, options),
    canary: (options) => makeCanary(directory, options),
    execute: (step) => execute(step, packageRoot),
    emptyHome,
    tool: async ([command, ...args]) => {
      const path = command.startsWith('/') ? command : requireCommand(command);
      const { exitCode, stdout, stderr } = await execa(path, args, {
        env: toolEnvironment,
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
        timeout: 20_000,
      });
      return { exitCode, stdout, stderr };
    },
    [Symbol.asyncDispose]: () => remove(directory),
  };
}
