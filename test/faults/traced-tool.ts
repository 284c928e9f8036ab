import type { CommandResult } from '../../src/host/throwaway.ts';
import type { TestHost } from '../rig/host.ts';
import { shell } from '../scenarios/jails.ts';
import type { Point } from './points.ts';

/** The first directory where jailctl looks for programs. */
const firstDirectory = '/usr/local/sbin';
const counter = '/run/tool-runs';

/**
 * Stands before a tool: the run whose turn it is goes by way of strace. Its parent is jailctl, which
 * waits for it, so that killing jailctl here is as if both had been killed at once.
 */
const wrapper = (
  tool: string,
  run: number,
  inject: readonly string[],
  killParent: boolean,
) => `#!/bin/sh
echo run >>${counter}
test "$(wc -l <${counter})" -eq ${run} || exec ${tool} "$@"
${inject.join(' ')} ${tool} "$@"
status=$?
${killParent ? 'test $status -lt 128 || kill -s KILL $PPID' : ''}
exit $status
`;

/**
 * Runs something while one run of a tool is traced.
 * @param inject the command line of strace, up to the tool
 * @param killParent whether jailctl dies with the tool
 */
export async function withTracedTool(
  host: TestHost,
  { name, run }: NonNullable<Point['tool']>,
  inject: readonly string[],
  killParent: boolean,
  body: () => Promise<CommandResult>,
): Promise<CommandResult> {
  const tool = (await shell(host, `command -v ${name}`)).trim();
  const place = `${firstDirectory}/${name}`;
  // A tool that stands there already is not wrapped, and its point counts as missed.
  if (tool !== place) await host.write(place, wrapper(tool, run, inject, killParent), 0o755);
  try {
    return await body();
  } finally {
    // By its path: else the one that stands before rm(1) would be run once more, and kill this shell.
    await shell(host, `/bin/rm -f ${counter} ${tool === place ? '' : place}`);
  }
}
