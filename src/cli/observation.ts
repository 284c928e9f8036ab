import { readProcesses } from '../kinds/processes.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Reader } from '../model/reader.ts';
import type { Reads } from '../observed/reads.ts';
import { recordReads } from '../observed/record.ts';
import { replayReads } from '../observed/replay.ts';
import { readObservation } from '../report/observation.ts';
import type { Context } from './context.ts';
import { prepareDestroy, prepareManifest } from './prepare.ts';
import { readInput } from './read-input.ts';

/** The same jails with the opposite network and nobody in them. */
function opposite(manifest: Manifest): Manifest {
  const jails = manifest.jails.map((jail) => ({
    ...jail,
    users: 0,
    network:
      jail.network.mode === 'none'
        ? ({ mode: 'host' } as const)
        : ({ mode: 'none', refusal: 'reject' } as const),
  }));
  return { ...manifest, jails };
}

/**
 * Everything that planning a manifest reads of this host. Also what it would read with other users,
 * limits or networks, or without some of the jails: so an observation outlives such edits.
 */
export function observe(context: Context, manifest: Manifest): Reads {
  const { reader, reads } = recordReads(context.reader);
  prepareManifest(context, reader, manifest, {});
  prepareManifest(context, reader, opposite(manifest), {});
  prepareDestroy(context, {}, reader);
  // Asked for when a pool is used up.
  readProcesses(reader);
  return reads;
}

/** A host as it was observed. @throws Failure with exit code 3 for a file that is no observation */
export async function openObservation(
  context: Context,
  file: string,
): Promise<{ readonly host: Reader; readonly observedAt: string }> {
  const { reads, observedAt } = readObservation(file, await readInput(context, file));
  const host = replayReads(reads, (what) => {
    throw new Failure(`${file} does not tell about ${what}, which this manifest asks for`, {
      exitCode: exitCode.usage,
      hint: `observe the host again, with this manifest: jailctl observe --out ${file}`,
    });
  });
  return { host, observedAt };
}
