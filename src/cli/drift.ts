import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { findJail } from '../run/find-jail.ts';
import type { Context } from './context.ts';
import { ManifestError } from './manifest-error.ts';

export interface DriftOptions {
  readonly file?: string;
  readonly strict?: boolean;
}

export const defaultManifest = 'jails.yaml';

/** A manifest that only happens to be there must not keep a jail from its runs. */
function compareIfReadable(compare: () => readonly string[]): readonly string[] | undefined {
  try {
    return compare();
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

/**
 * Compares a jail with its manifest before a run: a run goes by what was applied, and an edit that
 * nobody applied changes nothing. By default only the settings are compared, for a look at the
 * whole jail would take longer than most programs; where there is no manifest, nothing is.
 * @throws Failure with exit code 4 when `strict` is wanted and anything differs, with the manifest
 *   or in the jail; what is wrong with a manifest that was asked for
 */
export async function warnOfDrift(
  context: Context,
  jail: string,
  { file, strict = false }: DriftOptions,
): Promise<void> {
  const manifest = file ?? defaultManifest;
  if (file === undefined && !strict && context.reader.lstat(manifest) === undefined) return;
  // The reader of manifests takes a while to load, and is not needed where there is none.
  const { settingsDrift, jailDrift } = await import('./jail-drift.ts');
  const compare = () =>
    strict
      ? jailDrift(context, manifest, jail)
      : settingsDrift(context, manifest, findJail(context.reader, jail));
  const found = strict || file !== undefined ? compare() : compareIfReadable(compare);
  if (found === undefined) {
    const hint = `jailctl validate --file ${manifest} says why`;
    const message = `${manifest} is no good manifest, so the jail was not compared with it`;
    context.output.notice(`jailctl: warning: ${message}\n  hint: ${hint}\n`);
    return;
  }
  if (found.length === 0) return;
  const message = `jail ${jail} is not as ${manifest} says: ${found.join('; ')}`;
  // Not "apply mends it": where the manifest no longer has the jail, apply removes it.
  const hint = `jailctl plan --file ${manifest} --jail ${jail} shows what apply would do`;
  if (strict) throw new Failure(message, { exitCode: exitCode.refused, hint });
  context.output.notice(`jailctl: warning: ${message}\n  hint: ${hint}\n`);
}
