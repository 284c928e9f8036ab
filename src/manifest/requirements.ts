import type { Diagnostic } from '../model/diagnostic.ts';
import type { ToolRequest } from '../model/manifest.ts';
import { openSource } from './source.ts';
import { parseToolEntry } from './tool-entry.ts';

const fileCharactersMax = 1024 * 1024;

export interface RequirementFile {
  readonly requests: readonly ToolRequest[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a requirement file: one tool a line, `#` starts a comment at the start of a line or after
 * white space, empty lines mean nothing, a leading `?` makes a tool optional, and
 * a leading `!` leaves paths out.
 */
export function parseRequirements(file: string, text: string): RequirementFile {
  if (text.includes('\0') || text.length > fileCharactersMax) {
    const message = text.includes('\0')
      ? `${file} is not a text file`
      : `${file} has more than 1 MiB, which no list of tools needs`;
    const at = openSource(file, text.slice(0, 100)).locate({ start: 0, end: 1 });
    return { requests: [], diagnostics: [{ code: 'requirement-file', message, at }] };
  }
  const source = openSource(file, text);
  const requests: ToolRequest[] = [];
  const diagnostics: Diagnostic[] = [];
  let lineStart = 0;
  for (const line of text.split('\n')) {
    const content = line.replace(/^\uFEFF/, '').replace(/(^|\s)#.*$/s, '');
    const entryText = content.trim();
    if (entryText !== '') {
      const start = lineStart + line.indexOf(entryText);
      const at = source.locate({ start, end: start + entryText.length });
      const entry = parseToolEntry(entryText);
      if (entry.ok) requests.push({ ...entry.value, at });
      else diagnostics.push({ ...entry.problem, at });
    }
    lineStart += line.length + 1;
  }
  return { requests, diagnostics };
}

/** Each entry once, where it was asked for first; optional only where it is optional everywhere. */
export function withoutRepetition(requests: readonly ToolRequest[]): readonly ToolRequest[] {
  const byEntry = new Map<string, ToolRequest>();
  for (const request of requests) {
    const key = `${request.leaveOut ? '!' : ''}${request.entry}`;
    const known = byEntry.get(key);
    if (known === undefined || (known.optional && !request.optional)) byEntry.set(key, request);
  }
  return [...byEntry.values()];
}
