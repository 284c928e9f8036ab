import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { formatDiagnostics } from '../../src/report/diagnostics.ts';

/**
 * Each NAME.yaml here is a manifest that is wrong, and NAME.txt what its user is told. To add a
 * case, add NAME.yaml and run with UPDATE_GOLDEN=1; then read what it wrote.
 */
const directory = join(import.meta.dirname, 'broken');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

function readText(path: string): string | undefined {
  try {
    return readFileSync(join(directory, path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error('it is not a regular file', { cause: error });
  }
}

function complaints(file: string): string {
  const result = loadManifest(file, readText);
  return result.ok ? '' : formatDiagnostics(result.diagnostics, { color: false });
}

const names = readdirSync(directory)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

describe('a broken manifest', () => {
  test.each(names)('%s is told as its golden text says', (name) => {
    const text = complaints(`${name}.yaml`);
    expect(text, 'this manifest passes, and should not').not.toBe('');
    const goldenPath = join(directory, `${name}.txt`);
    if (isUpdate) writeFileSync(goldenPath, text);
    expect(text).toBe(readFileSync(goldenPath, 'utf8'));
  });

  test.each(names)('%s brings nothing to the terminal that could steer it', (name) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(complaints(`${name}.yaml`)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  });

  test('each golden text belongs to a manifest', () => {
    const golden = readdirSync(directory).filter((name) => name.endsWith('.txt'));
    expect(golden.map((name) => name.slice(0, -'.txt'.length))).toEqual(names);
  });
});
