import { expect } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { type DocumentName, faults } from './schemas.ts';

export type Document = Readonly<Record<string, unknown>>;

/** Expects that a document is as its schema says. */
export function expectValid(name: DocumentName, document: Document): void {
  expect(faults(name, document), `a document of ${name}`).toEqual([]);
}

interface Expected {
  readonly exitCode?: number;
  readonly schema: DocumentName;
}

/**
 * Runs jailctl with --json, and expects nothing but one valid document on stdout.
 * @param expected the exit code is 0 where it is not given
 */
export async function printed(
  host: TestHost,
  args: readonly string[],
  { exitCode = 0, schema }: Expected,
): Promise<Document> {
  const result = await host.jailctl([...args, '--json']);
  expect(result, `${args.join(' ')}\n${result.stdout}`).toMatchObject({ exitCode, stderr: '' });
  const document = JSON.parse(result.stdout);
  expectValid(schema, document);
  return document;
}

/** Runs `apply` or `destroy` with --json, and expects valid events, one a line. */
export async function events(
  host: TestHost,
  args: readonly string[],
  exitCode = 0,
): Promise<readonly Document[]> {
  const result = await host.jailctl([...args, '--yes', '--json']);
  expect(result, `${args.join(' ')}\n${result.stdout}`).toMatchObject({ exitCode, stderr: '' });
  expect(result.stdout).toMatch(/\n$/);
  const lines = result.stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) expectValid('events', line);
  return lines;
}
