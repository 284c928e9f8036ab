import { stateDirectory } from '../model/host-paths.ts';
import type { ToolRequest } from '../model/manifest.ts';
import { nearest } from '../model/nearest.ts';
import { type Parsed, type Problem, parsed, quote } from '../model/problem.ts';

/** Directories whose content is the kernel's, the system's secrets or somebody else's. */
const neverInJail = ['/proc', '/sys', '/dev', '/run', '/root', '/tmp', '/var/tmp', stateDirectory];
const secretFiles = ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-'];

/** One item of a list of tools, without the place where it stands. */
export type ToolEntry = Omit<ToolRequest, 'at'>;

/**
 * Reads one item of `tools` or one line of a requirement file: a command name, an absolute path or
 * glob, `package:NAME` or `jailkit:SECTION`, each perhaps after a `?`; or a path or glob after a
 * `!`. Whether the host has it is not looked at.
 */
export function parseToolEntry(text: string): Parsed<ToolEntry> {
  const trimmed = text.trim();
  const mark = /^[?!]/.exec(trimmed)?.[0];
  const entry = mark === undefined ? trimmed : trimmed.slice(1).trim();
  const leaveOut = mark === '!';
  const problem = (leaveOut ? leaveOutProblem(entry) : undefined) ?? entryProblem(entry);
  if (problem !== undefined) return { ok: false, problem };
  return parsed({ entry, optional: mark === '?', leaveOut });
}

function leaveOutProblem(entry: string): Problem | undefined {
  if (entry.startsWith('/') || entry === '') return undefined;
  return {
    code: 'tool-entry',
    message: `${quote(`!${entry}`)} does not say which paths to leave out`,
    hint: 'after the ! write a whole path or a glob, such as !/usr/lib/python3.*/test',
  };
}

function entryProblem(entry: string): Problem | undefined {
  if (entry === '') return { code: 'tool-entry', message: 'a tool has no name' };
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(entry)) {
    return { code: 'tool-entry', message: `${quote(entry)} has a character that can't be printed` };
  }
  if (entry.startsWith('/')) return pathProblem(entry);
  const colon = entry.indexOf(':');
  if (colon !== -1) return sourceProblem(entry.slice(0, colon), entry.slice(colon + 1));
  if (/\s/.test(entry)) {
    return {
      code: 'tool-entry',
      message: `${quote(entry)} is more than one word`,
      hint: 'write one tool a line, or one for each item of the list',
    };
  }
  if (entry.includes('/')) {
    return {
      code: 'tool-entry',
      message: `${quote(entry)} is a path that does not start with a slash`,
      hint: 'write the whole path, such as /usr/bin/env, or only the name of a command',
    };
  }
  if (entry !== '[' && !/^[A-Za-z0-9_][A-Za-z0-9_.+@-]*$/.test(entry)) {
    return {
      code: 'tool-entry',
      message: `${quote(entry)} can't be the name of a command`,
      hint: 'a glob needs its whole path: /usr/lib/python3.*',
    };
  }
  return undefined;
}

function pathProblem(path: string): Problem | undefined {
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) {
    return {
      code: 'tool-entry',
      message: `${quote(path)} has . or .. in it`,
      hint: 'write where it leads to',
    };
  }
  const clean = path.replace(/\/+/g, '/').replace(/\/$/, '');
  if (clean === '' || /^\/[*?]+(\/|$)/.test(clean)) {
    return {
      code: 'tool-forbidden',
      message: `${quote(path)} would take the whole host into the jail`,
      hint: 'name the programs that are needed',
    };
  }
  const holder = neverInJail.find(
    (directory) => clean === directory || clean.startsWith(`${directory}/`),
  );
  if (holder !== undefined || secretFiles.includes(clean)) {
    return {
      code: 'tool-forbidden',
      message: `${quote(path)} never goes into a jail`,
      hint: secretFiles.includes(clean)
        ? 'a jail has a small /etc of its own, without passwords'
        : `${holder} belongs to the kernel, to root or to nobody`,
    };
  }
  return undefined;
}

function sourceProblem(source: string, name: string): Problem | undefined {
  const grammars: Readonly<Record<string, RegExp>> = {
    // Debian Policy 5.6.1 with an architecture; RPM names have capitals and _ too.
    package: /^[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9-]+)?$/,
    jailkit: /^[A-Za-z0-9_.+-]+$/,
  };
  const grammar = Object.hasOwn(grammars, source) ? grammars[source] : undefined;
  if (grammar === undefined) {
    const meant = nearest(source, Object.keys(grammars));
    return {
      code: 'tool-entry',
      message: `${quote(`${source}:`)} is not a source of tools`,
      hint:
        meant === undefined ? 'the sources are package: and jailkit:' : `did you mean "${meant}:"?`,
    };
  }
  if (grammar.test(name)) return undefined;
  return {
    code: 'tool-entry',
    message: `${quote(name)} can't be the name of a ${source === 'package' ? 'package' : 'section of Jailkit'}`,
    hint: `write it right after the colon: ${source === 'package' ? 'package:coreutils' : 'jailkit:basicshell'}`,
  };
}
