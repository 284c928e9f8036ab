import { resolve } from 'node:path';
import { plural } from '../model/numbers.ts';
import { sha256 } from '../model/sha256.ts';
import { factsOf } from '../planner/facts.ts';
import { isEmpty } from '../planner/plan.ts';
import { withoutVariables } from '../planner/variables.ts';
import { formatMoved, movedFacts, movedMessage, namedMoved } from '../report/moved.ts';
import { formatPlan } from '../report/plan-text.ts';
import {
  looksLikeSavedPlan,
  readSavedPlan,
  type SavedPlan,
  savedPlanText,
} from '../report/saved-plan.ts';
import type { Context } from './context.ts';
import { type ApplyOptions, type Prepared, prepareManifest, readManifest } from './prepare.ts';
import { readInput } from './read-input.ts';
import { StaleError } from './stale-error.ts';

/** A plan, and the texts of the files that it comes from: the manifest first. */
export interface Sourced {
  readonly prepared: Prepared;
  readonly texts: ReadonlyMap<string, string>;
}

/** Plans as `apply` does, and keeps what was read of the manifest. */
export function prepareSourced(context: Context, options: ApplyOptions): Sourced {
  const texts = new Map<string, string>();
  const manifest = readManifest(context, options.file, (path, text) =>
    texts.set(resolve(context.workingDirectory, path), text),
  );
  return { prepared: prepareManifest(context, context.reader, manifest, options), texts };
}

/** scrypt(RFC 7914) with 32 MiB: a tenth of a second. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 };

/**
 * Of a manifest: it may hold secrets, as values of variables. Whoever has a plain digest of a text
 * that he knows but for a short secret finds the secret by trying; here, each try takes long.
 */
function slowDigest(text: string, salt: string): string {
  const { scryptSync } = process.getBuiltinModule('node:crypto');
  return scryptSync(text, salt, 32, cost).toString('hex');
}

function manifestOf({ texts }: Sourced, salt: string): SavedPlan['manifest'] {
  const [manifest, ...requirements] = texts;
  if (manifest === undefined) throw new Error('a plan of no manifest');
  const [path, text] = manifest;
  return {
    path,
    digest: slowDigest(text, salt),
    requirements: requirements.map(([file, content]) => ({
      path: file,
      sha256: sha256(content),
    })),
  };
}

/** Writes a plan down, to be approved and then applied by `applySaved`. */
export function savePlan(
  context: Context,
  out: string,
  sourced: Sourced,
  { archive }: ApplyOptions,
  nothing: string,
): void {
  const { plan, scope } = sourced.prepared;
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const id = randomBytes(16).toString('hex');
  const text = formatPlan(withoutVariables(plan), { color: false, nothing });
  const saved = savedPlanText({
    id,
    createdAt: new Date(context.now()).toISOString(),
    jailctlVersion: context.version,
    manifest: manifestOf(sourced, id),
    jails: scope === undefined ? null : [...scope].sort(),
    archive:
      typeof archive === 'string' ? resolve(context.workingDirectory, archive) : (archive ?? null),
    text: text.trimEnd().split('\n'),
    facts: factsOf(plan, scope),
  });
  context.writeOwnFile(resolve(context.workingDirectory, out), saved, looksLikeSavedPlan);
}

/** @throws Failure with exit code 3 for a file that is no good saved plan */
export async function openSavedPlan(context: Context, file: string): Promise<SavedPlan> {
  return readSavedPlan(file, await readInput(context, file));
}

/** Files that say something else than when the plan was made. */
function changedSources(saved: SavedPlan, sourced: Sourced): readonly string[] {
  const now = manifestOf(sourced, saved.id);
  const then = new Map(saved.manifest.requirements.map(({ path, sha256 }) => [path, sha256]));
  const isSame =
    now.requirements.length === then.size &&
    now.requirements.every(({ path, sha256 }) => then.get(path) === sha256);
  return [
    ...(now.digest === saved.manifest.digest ? [] : [`the manifest ${now.path} was edited`]),
    ...(isSame ? [] : ['its requirement files were edited']),
  ];
}

/**
 * Plans anew what was saved, and compares.
 * @throws StaleError with exit code 8 when the plan relies on something that has changed
 */
export function prepareSaved(
  context: Context,
  file: string,
  saved: SavedPlan,
  show: { readonly color: boolean; readonly quiet: boolean },
): Prepared {
  const again = `look at a new one: jailctl plan --out ${file}`;
  if (saved.jailctlVersion !== context.version) {
    const versions = `jailctl ${saved.jailctlVersion} made it, and this is ${context.version}`;
    throw new StaleError(file, versions, [], again);
  }
  const { manifest, jails, archive } = saved;
  const sourced = prepareSourced(context, {
    file: manifest.path,
    ...(jails !== null && { jail: jails }),
    ...(archive !== null && { archive }),
  });
  const { prepared } = sourced;
  const edited = changedSources(saved, sourced);
  const moved = movedFacts(saved.facts, factsOf(prepared.plan, prepared.scope));
  if (edited.length === 0 && moved.length === 0) return prepared;
  const hadChanges = saved.facts.some(({ found }) => found !== undefined);
  const { plan } = prepared;
  if (edited.length === 0 && hadChanges && isEmpty(plan)) {
    const why = 'nothing is left to do: it seems to be applied already';
    throw new StaleError(file, why, [], 'jailctl plan shows the same');
  }
  if (!show.quiet && moved.length > 0) context.output.notice(formatMoved(moved, show));
  const facts = moved.length === 0 ? [] : [`${plural(moved.length, 'fact')} moved`];
  const why = [...edited, ...facts].join(', and ');
  throw new StaleError(file, why, [...edited, ...namedMoved(moved).map(movedMessage)], again);
}
