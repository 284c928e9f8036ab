import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a text file, over an existing one too. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(path, text);
}

/** Writes a new text file and the directories that lead to it; never over an existing one. */
export function createFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx' });
}
