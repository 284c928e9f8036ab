import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workDirectory } from './native.ts';
import { type Argv, jailctlArgv, timeProgram } from './program.ts';

export const manifestPath = `${workDirectory}/jails.yaml`;

/** The tools that a jail with Python has. */
export const pythonList = fileURLToPath(new URL('../requirements/python3.txt', import.meta.url));

export function writeManifest(text: string): void {
  mkdirSync(workDirectory, { recursive: true, mode: 0o755 });
  writeFileSync(manifestPath, text);
}

export const applyArgv: Argv = jailctlArgv('apply', '--yes', '--file', manifestPath);

/** Makes the host as a manifest says. */
export async function applyManifest(text: string): Promise<void> {
  writeManifest(text);
  await timeProgram(applyArgv);
}

/** Runs lines of a shell, with what they call `$1` and so on. @returns what they print */
export async function shell(script: string, ...args: readonly string[]): Promise<string> {
  return (await timeProgram(['sh', '-e', '-c', script, 'sh', ...args])).stdout;
}
