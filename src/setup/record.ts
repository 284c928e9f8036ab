import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { setupRecord } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';
import type { PackageManager, PackageState, RecordedPackage } from './package-manager.ts';

/**
 * What `setup` installed. It is written before a package manager starts, with all that may come:
 * so a name in it says that the package was not there before, and whether it came is looked up.
 */
export interface SetupRecord {
  readonly manager: PackageManager['name'];
  readonly packages: readonly RecordedPackage[];
}

export function recordText({ manager, packages }: SetupRecord): string {
  const document = {
    format_version: '1.0',
    package_manager: manager,
    packages: packages.map(({ name, hadSettings }) => ({ name, had_settings: hadSettings })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/;

function parsePackage(value: unknown): RecordedPackage | undefined {
  const { name, had_settings: hadSettings } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || !namePattern.test(name)) return undefined;
  return typeof hadSettings === 'boolean' ? { name, hadSettings } : undefined;
}

function parseRecord(text: string): SetupRecord | undefined {
  try {
    const document: Record<string, unknown> = JSON.parse(text);
    const { package_manager: manager, packages } = document;
    if (typeof manager !== 'string' || !Array.isArray(packages)) return undefined;
    const parsed = packages.map(parsePackage);
    if (parsed.includes(undefined)) return undefined;
    return { manager, packages: parsed } as SetupRecord;
  } catch {
    return undefined;
  }
}

/**
 * @returns undefined where setup has installed nothing
 * @throws Failure for a record that can't be read: what it says decides what is removed
 */
export function readRecord(reader: Reader): SetupRecord | undefined {
  const text = reader.readText(setupRecord);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  if (record !== undefined) return record;
  throw new Failure(`${setupRecord} is not as jailctl writes it`, {
    exitCode: exitCode.refused,
    hint: `packages are not touched without it; to forget what setup installed: rm ${setupRecord}`,
  });
}

/** Does the host still have of it what setup brought? */
export function isThere(
  { name, hadSettings }: RecordedPackage,
  state: ReadonlyMap<string, PackageState>,
): boolean {
  const now = state.get(name);
  return now === 'installed' || (now === 'settings' && !hadSettings);
}

/** Adds packages that come, or have come, to those that are recorded. */
export function claim(
  recorded: readonly RecordedPackage[],
  names: readonly string[],
  before: ReadonlyMap<string, PackageState>,
): readonly RecordedPackage[] {
  const known = new Set(recorded.map(({ name }) => name));
  const more = [...new Set(names)].filter(
    (name) => !known.has(name) && before.get(name) !== 'installed',
  );
  return [
    ...recorded,
    ...more.map((name) => ({ name, hadSettings: before.get(name) === 'settings' })),
  ];
}

/** What a package manager has newly installed between two looks. */
export function newlyInstalled(
  before: ReadonlyMap<string, PackageState>,
  after: ReadonlyMap<string, PackageState>,
): readonly string[] {
  return [...after]
    .filter(([name, state]) => state === 'installed' && before.get(name) !== 'installed')
    .map(([name]) => name)
    .sort();
}
