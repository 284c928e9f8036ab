import { isDeepStrictEqual } from 'node:util';
import { limitForms } from '../model/limit-forms.ts';
import type { ManifestJail } from '../model/manifest.ts';
import type { JailSettings } from '../model/settings.ts';
import { changesOf } from '../planner/plan.ts';
import type { Context } from './context.ts';
import { prepareApply, readManifest } from './prepare.ts';

/** How many differences a message names. */
const namedMax = 3;

/** Names of the fields that differ. */
function differing(applied: object, wanted: object): readonly string[] {
  const [a, b] = [applied, wanted] as [Record<string, unknown>, Record<string, unknown>];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return fields.filter((field) => !isDeepStrictEqual(a[field], b[field]));
}

/** The name of a limit in a manifest. */
function limitName(field: string): string {
  const names = Object.keys(limitForms);
  return names.find((name) => limitForms[name]?.field === field) ?? field;
}

function settingsIn(jail: ManifestJail): Omit<JailSettings, 'users' | 'limits' | 'name'> {
  const { path, network, engine, home, optional, login, env, protect, archive } = jail;
  const { authorizedKeys } = jail;
  return {
    path,
    network,
    home,
    optional,
    login,
    env,
    protect,
    ...(engine !== undefined && { engine }),
    ...(archive !== undefined && { archive }),
    ...(authorizedKeys !== undefined && { authorizedKeys }),
  };
}

/** What a jail's settings, as applied, have otherwise than the manifest: `memory differs`. */
export function settingsDrift(
  context: Context,
  file: string,
  applied: JailSettings,
): readonly string[] {
  const wanted = readManifest(context, file).jails.find((one) => one.name === applied.name);
  if (wanted === undefined) return ['the manifest does not name it'];
  const { users, limits, name: _, ...rest } = applied;
  const names = [
    ...(users.length === wanted.users ? [] : ['users']),
    ...differing(limits, wanted.limits).map(limitName),
    ...differing(rest, settingsIn(wanted)),
  ];
  return names.map((name) => `${name} differs`);
}

/** What a whole plan for the jail would change. */
export function jailDrift(context: Context, file: string, jail: string): readonly string[] {
  const { plan } = prepareApply(context, { file, jail: [jail] });
  const conflicts = plan.conflicts.map(({ message }) => message);
  const changes = changesOf(plan).map(({ address, action }) => `${address} to ${action}`);
  const found = [...conflicts, ...changes];
  const more = found.length - namedMax;
  return more > 0 ? [...found.slice(0, namedMax), `and ${more} more`] : found;
}
