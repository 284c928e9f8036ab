import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import { quote } from '../model/problem.ts';
import type { FileCopy } from './run-spec.ts';

export type CopyDirection = 'in' | 'out';

/** Path names have at most 4096 bytes with the zero at their end (PATH_MAX, path_resolution(7)). */
const pathBytesMax = 4095;

function refuse<T>(code: string, message: string, hint: string): Checked<T> {
  const diagnostic: Diagnostic = { code, message, hint };
  return { ok: false, diagnostics: [diagnostic] };
}

/**
 * Checks the path in the jail: absolute, or from the working directory of the run. What it names is
 * one file, by one name only: so it has no part that is empty, `.` or `..`.
 */
export function checkCopy(copy: FileCopy, direction: CopyDirection): Checked<FileCopy> {
  const path = direction === 'in' ? copy.to : copy.from;
  const parts = path.replace(/^\//, '').split('/');
  const unclear = parts.find((part) => ['', '.', '..'].includes(part));
  if (unclear !== undefined) {
    const message = `${quote(path)} has ${unclear === '' ? 'an empty part' : `the part ${quote(unclear)}`}`;
    return refuse('copy-path', message, "name a file as the program sees it: 'results/out.txt'");
  }
  const problem = [copy.from, copy.to].find((one) => one.includes('\0'));
  if (problem !== undefined) {
    return refuse('copy-path', `${quote(problem)} has a zero byte`, 'no name of a file has one');
  }
  if (Buffer.byteLength(path) > pathBytesMax) {
    const hint = `Linux takes at most ${pathBytesMax} bytes`;
    return refuse('copy-path', `${quote(path)} is too long a path`, hint);
  }
  return { ok: true, value: copy };
}

/**
 * Reads what follows `--copy-in` or `--copy-out`: `SRC:DST`. A path of the host may have colons, a
 * path in the jail may not: so it is divided at the last colon on the way in, and at the first on
 * the way out. (The library, which takes the two by themselves, has no such limit.)
 */
export function parseCopy(text: string, direction: CopyDirection): Checked<FileCopy> {
  const colon = direction === 'in' ? text.lastIndexOf(':') : text.indexOf(':');
  const [from, to] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  if (from === '' || to === '') {
    const message = `${quote(text)} is not a source, a colon and a destination`;
    const example =
      direction === 'in'
        ? '--copy-in tests/1.txt:input.txt, or --in main.py for a file that keeps its name'
        : '--copy-out result.txt:results/1.txt';
    return refuse('copy-form', message, `example: ${example}`);
  }
  return checkCopy({ from, to }, direction);
}

/** Reads what follows `--in`: a file of the host, which keeps its name in the working directory. */
export function parseIn(text: string): Checked<FileCopy> {
  const name = text.slice(text.lastIndexOf('/') + 1);
  if (name === '' || name === '.' || name === '..') {
    return refuse(
      'copy-form',
      `${quote(text)} does not end with a file's name`,
      'example: --in main.py',
    );
  }
  return checkCopy({ from: text, to: name }, 'in');
}
