import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { CommandOptions } from '../../src/host/throwaway.ts';
import type * as library from '../../src/library.ts';
import type { Jail } from '../../src/library.ts';
import type { TestHost } from '../rig/host.ts';
import { leftovers } from './exec-jail.ts';

type Library = typeof library;

const libraryPath = fileURLToPath(new URL('../../dist/library.js', import.meta.url));

/** The first UID of the jail. */
const libraryUids = 84_000;

export const libraryManifest = `
uids: ${libraryUids}-84999
jails:
  box:
    users: 3
    tools: [sh, cat, sleep, ls]
    limits: { processes: 8, memory: 64MiB, wall_time: 20s, output: 2MiB }
    env: { MODE: jail }
`;

/** What a program came to: what it returned, or the Failure that it threw. */
export type Outcome<T> =
  | { readonly returned: T }
  | {
      readonly failure: {
        readonly message: string;
        readonly exitCode: number;
        readonly hint?: string;
      };
    };

export interface ProgramEnd<T> {
  readonly outcome: Outcome<T>;
  /** From its last statement to its end. */
  readonly lingeredMs: number;
  readonly stderr: string;
}

export interface ProgramOptions extends CommandOptions {
  readonly node?: string;
  readonly library?: string;
}

/** A program that waits for nothing more ends by itself; one that doesn't is a failed test. */
const timeoutMs = 30_000;

async function runSource<T>(
  host: TestHost,
  body: string,
  { node = process.execPath, library: path = libraryPath, ...more }: ProgramOptions,
): Promise<ProgramEnd<T>> {
  const source = `
import { writeSync } from 'node:fs';
const library = await import(${JSON.stringify(path)});
const outcome = await (${body})(library).then(
  (returned) => ({ returned }),
  (error) => {
    if (!(error instanceof library.Failure)) throw error;
    const { message, exitCode, hint } = error;
    return { failure: { message, exitCode, hint } };
  },
);
writeSync(1, JSON.stringify({ outcome, at: Date.now() }) + '\\n');
process.on('exit', () => writeSync(1, Date.now() + '\\n'));
`;
  const argv = [node, '--input-type=module', '--eval', source] as const;
  const { exitCode, stdout, stderr } = await host.run(argv, { timeoutMs, ...more });
  if (exitCode !== 0) throw new Error(`the program ended with ${exitCode}\n${stdout}${stderr}`);
  const [said = '', end = ''] = stdout.split('\n');
  const { outcome, at } = JSON.parse(said);
  return { outcome, lingeredMs: Number(end) - at, stderr };
}

/**
 * Runs a function as a program of its own on a throwaway host. It uses nothing from outside but its
 * parameters, and no `using` and no `import`, for which the test runner has helpers of its own: its
 * source is what gets there (process.getBuiltinModule imports). What it
 * returns comes back as JSON.
 */
export function program<T>(
  host: TestHost,
  body: (library: Library) => Promise<T>,
  options: ProgramOptions = {},
): Promise<ProgramEnd<T>> {
  return runSource(host, String(body), options);
}

/** The same for a function that gets the jail `box`, which is closed after it. */
export function programInJail<T>(
  host: TestHost,
  body: (jail: Jail, library: Library) => Promise<T>,
  options: ProgramOptions = {},
): Promise<ProgramEnd<T>> {
  const opening = `async (library) => {
    await using jail = await library.openJail('box');
    return await (${body})(jail, library);
  }`;
  return runSource(host, opening, options);
}

/** What the program returned, after it has ended by itself at once and left nothing. */
export async function returned<T>(host: TestHost, ending: Promise<ProgramEnd<T>>): Promise<T> {
  const { outcome, lingeredMs, stderr } = await ending;
  if (!('returned' in outcome)) throw new Error(`it failed: ${JSON.stringify(outcome.failure)}`);
  expect(lingeredMs).toBeLessThan(500);
  expect(stderr).toBe('');
  expect(await leftovers(host, libraryUids)).toBe('');
  expect(await host.ok(['sh', '-c', 'find /run/jailctl -type f 2>/dev/null; true'])).toBe('');
  return outcome.returned;
}

/** The Failure that the program ended with. */
export async function failureOf(ending: Promise<ProgramEnd<unknown>>) {
  const { outcome } = await ending;
  if (!('failure' in outcome)) throw new Error(`it did not fail: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}
