import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { closeOver } from '../../src/desired/closure/close-over.ts';
import type { Closure } from '../../src/desired/closure/closure.ts';
import { hostReader } from '../../src/host/reader.ts';
import type { ToolRequest } from '../../src/model/manifest.ts';
import type { Reader } from '../../src/model/reader.ts';

/** A tool that was asked for in line `line` of a file that does not exist. */
export function request(entry: string, line = 1): ToolRequest {
  const optional = entry.startsWith('?');
  const leaveOut = entry.startsWith('!');
  return {
    entry: optional || leaveOut ? entry.slice(1) : entry,
    optional,
    leaveOut,
    at: { file: 'tools.txt', line, column: 1, length: entry.length, text: entry },
  };
}

export function close(
  entries: readonly string[],
  options: { network?: boolean; env?: Record<string, string>; jailPaths?: string[] } = {},
  reader: Reader = hostReader,
): Closure {
  return closeOver(
    reader,
    entries.map((entry, index) => request(entry, index + 1)),
    { network: false, env: {}, jailPaths: [], ...options },
  );
}

/** A directory that everybody can read, gone at the end of the scope. */
export class Scratch {
  readonly path: string;

  constructor() {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'closure-')));
    chmodSync(this.path, 0o755);
  }

  file(name: string, content = '', mode = 0o644): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  /** Compiles C: `gcc ARGS -o NAME -x c SOURCE`. */
  compile(compiler: string, name: string, source: string, ...args: string[]): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    execFileSync(compiler, ['-x', 'c', '-', '-x', 'none', '-o', path, ...args], { input: source });
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function whyLeftOut(closure: Closure, path: string): string | undefined {
  return closure.leftOut.find((each) => each.path === path)?.why;
}

/** Whether a command is on the fixed PATH. */
export function hasCommand(command: string): boolean {
  return hostReader.which(command) !== undefined;
}
