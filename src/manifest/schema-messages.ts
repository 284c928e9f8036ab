import type { ErrorObject } from 'ajv';
import { nearest } from '../model/nearest.ts';
import { printable } from '../model/printable.ts';
import { type Problem, quote } from '../model/problem.ts';
import { member } from './manifest-tree.ts';

/** An error of the schema in words, and the place that it is about. */
export interface SchemaProblem {
  readonly pointer: string;
  readonly on: 'key' | 'value';
  /** True for what the parsers of this directory say better where they find it too. */
  readonly fallback: boolean;
  readonly problem: Problem;
}

/**
 * Says an error of the schema in words; undefined for one that only repeats another.
 * @param written the value as it is written in the file, because `1e400` is Infinity when read
 */
export function schemaProblem(error: ErrorObject, written: string): SchemaProblem | undefined {
  const value = { pointer: error.instancePath, on: 'value', fallback: false } as const;
  switch (error.keyword) {
    // Each comes with an error of its own from the schema inside it.
    case 'if':
    case 'propertyNames':
      return undefined;
    case 'additionalProperties':
      return unknownKey(error);
    case 'required':
      return { ...value, on: 'key', problem: missingKey(error) };
    case 'type':
      return { ...value, problem: { code: 'wrong-type', ...wrongType(error, written) } };
    case 'const':
    case 'enum':
      return { ...value, problem: { code: 'wrong-value', ...wrongValue(error, written) } };
    case 'minimum':
    case 'maximum':
      return { ...value, problem: outOfRange(error, written) };
    default:
      return wrongText(error, written);
  }
}

function missingKey(error: ErrorObject): Problem {
  const key = String(error.params['missingProperty']);
  const message = `${thing(error.instancePath)} has no ${quote(key)}`;
  return { code: 'missing-key', message, hint: `add ${missingKeyExamples[key] ?? `"${key}:"`}` };
}

function outOfRange(error: ErrorObject, written: string): Problem {
  const bound = error.keyword === 'minimum' ? 'least' : 'most';
  const name = field(error.instancePath);
  const message = `${name} is ${shown(error.data, written)}, and must be at ${bound} ${error.params['limit']}`;
  return { code: 'out-of-range', message };
}

/** A pattern or a length that does not fit, of a value or of a key. */
function wrongText(error: ErrorObject, written: string): SchemaProblem {
  const pointer = error.instancePath;
  const key = error.propertyName;
  const subject = key === undefined ? field(pointer) : quote(key);
  const reason: Readonly<Record<string, string>> = {
    minLength: 'is empty',
    maxLength: `is longer than ${error.params['limit']} characters`,
  };
  return {
    pointer: key === undefined ? pointer : member(pointer, key),
    on: key === undefined ? 'value' : 'key',
    fallback: key !== undefined || error.keyword === 'pattern',
    problem: {
      code: 'wrong-value',
      message: `${subject} ${reason[error.keyword] ?? `is ${shown(error.data, written)}, which ${error.message}`}`,
    },
  };
}

const missingKeyExamples: Readonly<Record<string, string>> = {
  version: '"version: 1"',
  jails: '"jails:" and the jails below it',
  users: '"users: 1"',
  to: '"to:" and an address',
};

function unknownKey(error: ErrorObject): SchemaProblem {
  const key = String(error.params['additionalProperty']);
  const known = Object.keys(error.parentSchema?.['properties'] ?? {});
  const meant = nearest(key, known);
  return {
    pointer: member(error.instancePath, key),
    on: 'key',
    fallback: false,
    problem: {
      code: 'unknown-key',
      message: `${thing(error.instancePath)} has no key ${quote(key)}`,
      hint: meant === undefined ? `it can have ${known.join(', ')}` : `did you mean "${meant}"?`,
    },
  };
}

/** Nouns for values, by the definition of the schema that wants them, or else by type. */
const nouns: Readonly<Record<string, string>> = {
  size: 'a size such as 256MiB',
  duration: 'a time such as 10s',
  processors: 'a number of processors such as 0.5',
  path: 'a path',
  uids: 'a range such as 70000-89999',
  network: 'none, host or a map with "allow"',
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
};

function wrongType(error: ErrorObject, written: string): { message: string; hint?: string } {
  const types: readonly string[] = [error.params['type']].flat().map(String);
  const definition = definitionOf(error);
  const noun = nouns[definition] ?? types.map((type) => nouns[type] ?? type).join(' or ');
  const message = `${field(error.instancePath)} must be ${noun}, not ${kindOf(error.data, written)}`;
  const hint = typeHint(types, definition, error.data);
  return { message, ...(hint !== undefined && { hint }) };
}

/** The name of the definition in the schema that the error comes from, or an empty text. */
function definitionOf(error: ErrorObject): string {
  // scripts/validators.ts has put it there.
  return String(error.parentSchema?.['$comment'] ?? '');
}

function typeHint(types: readonly string[], definition: string, data: unknown): string | undefined {
  if (definition === 'size') return 'a size needs its unit: B, KiB, MiB, GiB or TiB';
  if (definition === 'duration') return 'a time needs its unit: s, m or h';
  if (types.includes('boolean') && typeof data === 'string' && /^(yes|no|on|off)$/i.test(data)) {
    return `write ${/^(yes|on)$/i.test(data) ? 'true' : 'false'}`;
  }
  if (types.includes('array') && typeof data === 'string') {
    return `put it into brackets${/^[\w./-]{1,40}$/.test(data) ? `: [${data}]` : ''}`;
  }
  if (types.includes('integer') && typeof data === 'string' && /^[0-9]+$/.test(data)) {
    return 'write it without quotes';
  }
  if (
    types.length === 1 &&
    types[0] === 'string' &&
    (typeof data === 'number' || typeof data === 'boolean')
  ) {
    return `put quotes around it: "${data}"`;
  }
  if (types.includes('object') && data === null) return 'write what belongs to it below, indented';
  return undefined;
}

const wrongValueHints: Readonly<Record<string, { hint: string }>> = {
  version: { hint: 'this version of jailctl reads version 1 of the manifest' },
};

function wrongValue(error: ErrorObject, written: string): { message: string; hint?: string } {
  const name = field(error.instancePath);
  const allowed: readonly unknown[] = error.params['allowedValues'] ?? [
    error.params['allowedValue'],
  ];
  if (name === 'network') {
    return {
      message: `network is ${shown(error.data, written)}, and must be none, host or a map with "allow"`,
      ...nearestHint(error.data, allowed),
    };
  }
  if (definitionOf(error) === 'optional_name') {
    const message = `${name} is ${shown(error.data, written)}, which is no layer and no limit`;
    const names = { hint: `it can be ${allowed.join(', ')}` };
    return { message, ...names, ...nearestHint(error.data, allowed) };
  }
  const choice =
    allowed.length === 1 ? `must be ${allowed[0]}` : `must be one of ${allowed.join(', ')}`;
  return {
    message: `${name} is ${shown(error.data, written)}, and ${choice}`,
    ...nearestHint(error.data, allowed),
    ...wrongValueHints[name],
  };
}

function nearestHint(data: unknown, allowed: readonly unknown[]): { hint?: string } {
  const meant = typeof data === 'string' ? nearest(data, allowed.map(String)) : undefined;
  return meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
}

function shown(data: unknown, written: string): string {
  return typeof data === 'number' || typeof data === 'boolean'
    ? printable(written)
    : kindOf(data, written);
}

function kindOf(data: unknown, written: string): string {
  if (data === null || data === undefined) return 'empty';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a map';
  if (typeof data === 'string') return data === '' ? 'an empty text' : quote(data);
  return `the ${typeof data === 'number' ? 'number' : 'value'} ${printable(written)}`;
}

/** The last name of a pointer, with the number of an item: `tools item 2`, `users`. */
function field(pointer: string): string {
  const keys = keysOf(pointer);
  const last = keys.at(-1);
  if (last === undefined) return 'the manifest';
  if (keys.length === 2 && keys[0] === 'jails') return `jail ${quote(last)}`;
  if (/^[0-9]+$/.test(last)) return `item ${Number(last) + 1} of ${keys.at(-2)}`;
  return /^[a-z_]{1,20}$/.test(last) ? last : quote(last);
}

/** A map, by what it is: `jail "web"`, `limits of jail "web"`, `defaults`. */
function thing(pointer: string): string {
  const keys = keysOf(pointer);
  const name = field(pointer);
  if (keys[0] === 'jails' && keys.length > 2) return `${name} of jail ${quote(keys[1] ?? '')}`;
  return keys[0] === 'defaults' && keys.length > 1 ? `${name} of defaults` : name;
}

function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
