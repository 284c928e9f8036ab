import { loadManifest } from '../../src/manifest/load.ts';
import type { Manifest, ManifestJail } from '../../src/model/manifest.ts';

/** Loads a manifest among other files, and fails the test where it has an error. */
export function load(text: string, files: Readonly<Record<string, string>> = {}): Manifest {
  const result = loadManifest('jails.yaml', (path) => (path === 'jails.yaml' ? text : files[path]));
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.value;
}

/** The codes of what is wrong with a manifest, in order. */
export function codes(text: string): readonly string[] {
  const result = loadManifest('jails.yaml', () => text);
  return result.ok ? [] : result.diagnostics.map(({ code }) => code);
}

export function onlyJail(manifest: Manifest): ManifestJail {
  const [jail, ...others] = manifest.jails;
  if (jail === undefined || others.length > 0) throw new Error('not exactly one jail');
  return jail;
}

/** What a manifest means, without where it says so. */
export function withoutPlaces(manifest: Manifest): unknown {
  const places = new Set(['at', 'rootAt', 'uidsAt']);
  const text = JSON.stringify(manifest, (key, value) => (places.has(key) ? undefined : value));
  return JSON.parse(text);
}

/** A manifest with these jails. */
export const jails = (text: string) => `version: 1\njails:\n${text}`;
