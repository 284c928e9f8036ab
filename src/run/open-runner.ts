import type { Reader } from '../model/reader.ts';
import type { EngineName } from '../model/settings.ts';
import { requireFence } from './fence.ts';
import { findJail } from './find-jail.ts';
import { JailRunner } from './jail-runner.ts';
import type { RunHost } from './run-host.ts';

/**
 * Opens a jail of this host for runs. An apply between two of them counts for the second.
 * @param engine what the caller wants; absent: what the jail says
 * @param openRuns gives what runs programs, by an engine or the best that there is
 * @throws Failure with exit code 3 when there is no such jail, and what `openRuns` throws
 */
export async function openRunner(
  reader: Reader,
  name: string,
  engine: EngineName | undefined,
  openRuns: (engine: EngineName | undefined) => Promise<RunHost>,
): Promise<JailRunner> {
  const jail = findJail(reader, name);
  return new JailRunner({
    host: await openRuns(engine ?? jail.engine),
    settings: () => findJail(reader, name),
    requireFence: (spec) => requireFence(reader, spec),
  });
}
