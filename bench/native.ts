import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of the throwaway host: what the benchmark itself needs. */
export const workDirectory = '/run/jailctl-bench';

const sources = fileURLToPath(new URL('native', import.meta.url));

/** Compiles a program of bench/native/, once for each throwaway host. @returns its path */
export function compiled(name: 'floor' | 'meter' | 'packets'): string {
  const path = `${workDirectory}/${name}`;
  if (existsSync(path)) return path;
  mkdirSync(workDirectory, { recursive: true, mode: 0o755 });
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  const argv = [...flags, '-o', path, `${sources}/${name}.c`];
  const { status, stderr, error } = spawnSync('gcc', argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc can't compile ${name}.c: ${error?.message ?? stderr}`);
  return path;
}
