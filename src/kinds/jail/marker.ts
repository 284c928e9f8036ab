import { homeModes, type JailSettings } from '../../model/settings.ts';

const formatVersion = '1.0';

/** Objects with their keys in one order, so that equal settings are equal texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, canonical(held)]));
}

/** A jail's settings as the text of its marker: stable, so that it can be compared and diffed. */
export function writeMarker(settings: JailSettings): string {
  const { name, path, network, limits, engine, home, optional, login, env, protect } = settings;
  const users = Object.fromEntries(settings.users.map((user) => [user.name, user.uid]));
  const { archive, authorizedKeys } = settings;
  const choices = { engine, home, optional, login, authorizedKeys, archive };
  const rest = { network, limits, ...choices, env, protect };
  const marker = {
    format_version: formatVersion,
    name,
    path,
    ...(canonical(rest) as object),
    users,
  };
  return `${JSON.stringify(marker, null, 2)}\n`;
}

/** Has it what an earlier jailctl did not write? */
function isOfThisForm({ limits, network, home, optional }: Partial<JailSettings>): boolean {
  return (
    typeof limits?.tmpSizeBytes === 'number' &&
    typeof network?.mode === 'string' &&
    homeModes.some((mode) => mode === home) &&
    Array.isArray(optional)
  );
}

/**
 * Reads a marker back. Only root can have written it, so its shape is trusted once it is JSON of a
 * known version and form.
 * @returns undefined for a text that is no marker of this form: it is then written anew
 */
export function readMarker(text: string): JailSettings | undefined {
  try {
    const { format_version, users, ...rest } = JSON.parse(text);
    if (format_version !== formatVersion) return undefined;
    if (!isOfThisForm(rest)) return undefined;
    return {
      ...rest,
      users: Object.entries(users).map(([name, uid]) => ({ name, uid })),
    } as JailSettings;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
