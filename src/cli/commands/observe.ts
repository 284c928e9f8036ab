import { resolve } from 'node:path';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { plural } from '../../model/numbers.ts';
import { looksLikeObservation, observationText } from '../../report/observation.ts';
import type { Context } from '../context.ts';
import { observe } from '../observation.ts';
import { readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';

export interface ObserveOptions {
  readonly file: string;
  readonly out: string;
}

/** Writes down what planning reads of this host, for `plan --observed` elsewhere. */
export function observeCommand(context: Context, { file, out }: ObserveOptions): ExitCode {
  requireRoot(context, 'observe');
  const reads = observe(context, readManifest(context, file));
  const text = observationText({
    observedAt: new Date(context.now()).toISOString(),
    jailctlVersion: context.version,
    reads,
  });
  context.writeOwnFile(resolve(context.workingDirectory, out), text, looksLikeObservation);
  const paths = plural(reads.stats.size, 'path');
  context.output.notice(
    `Observed ${paths}. Where the manifest is: jailctl plan --observed ${out}\n`,
  );
  return exitCode.done;
}
