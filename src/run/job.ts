import { resolve } from 'node:path';
import type { ErrorObject } from 'ajv';
import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import { quote } from '../model/problem.ts';
import type { HomeMode } from '../model/settings.ts';
import validate from '../model/validators/job.cjs';
import { checkCopy } from './copies.ts';
import { checkVariable } from './environment.ts';
import type { RunRequest } from './jail-runner.ts';
import { parseLimitOverride } from './limits.ts';
import type { FileCopy } from './run-spec.ts';

/** A line of a batch, as its schema describes it. */
interface JobDocument {
  readonly id?: string | number;
  readonly argv: readonly [string, ...string[]];
  readonly user?: string;
  readonly stdin?: string;
  readonly stdin_file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string | number>>;
  readonly home?: HomeMode;
  readonly clean_home?: boolean;
  readonly copy_in?: readonly FileCopy[];
  readonly copy_out?: readonly FileCopy[];
}

/** One program of a batch. */
export interface Job {
  readonly request: RunRequest;
  /** The path of the file is absolute. */
  readonly stdin?: { readonly text: string } | { readonly file: string };
}

/** What a job has that does not say otherwise. */
export interface JobDefaults {
  readonly request: Omit<RunRequest, 'argv'>;
  /** Where relative paths of the host start. */
  readonly directory: string;
}

/** Types of JSON, for a person. */
const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  object: 'an object',
  string: 'a text',
  'string,number': 'a text or a number',
};

const hint = '`jailctl schema job` says what a job can have';

/** `argv.0` from a JSON Pointer (RFC 6901). */
function placeOf(pointer: string): string {
  const names = pointer.slice(1).split('/');
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

function explain({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath === '' ? 'the job' : placeOf(instancePath);
  if (keyword === 'additionalProperties')
    return `${where} has no key ${quote(params['additionalProperty'])}`;
  if (keyword === 'required') return `${where} needs the key ${quote(params['missingProperty'])}`;
  if (keyword === 'pattern') return `${where} has a zero byte`;
  if (keyword === 'not') return 'the job has both stdin and stdin_file';
  if (keyword === 'type' && instancePath === '')
    return 'the job must be an object: {"argv": ["ls"]}';
  if (keyword === 'minItems') return `${where} is empty: its first word is the program`;
  if (keyword === 'type')
    return `${where} must be ${kinds[String(params['type'])] ?? params['type']}`;
  if (keyword === 'enum') return `${where} must be one of: ${params['allowedValues'].join(', ')}`;
  return `${where} ${message}`;
}

function refuse(messages: readonly string[]): { ok: false; diagnostics: readonly Diagnostic[] } {
  return {
    ok: false,
    diagnostics: messages.map((message) => ({ code: 'bad-job', message, hint })),
  };
}

function parseJson(line: string): Checked<unknown> {
  try {
    return { ok: true, value: JSON.parse(line) };
  } catch (error) {
    if (error instanceof SyntaxError) return refuse([`it is not JSON: ${error.message}`]);
    throw error;
  }
}

/** The values of all, or everything that is wrong with any. */
function all<T>(results: readonly Checked<T>[]): Checked<readonly T[]> {
  const diagnostics = results.flatMap((one) => (one.ok ? [] : one.diagnostics));
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: results.flatMap((one) => (one.ok ? [one.value] : [])) };
}

function toJob(document: JobDocument, { request: defaults, directory }: JobDefaults): Checked<Job> {
  const { argv, user, stdin, stdin_file, env = {}, home, clean_home } = document;
  const onHost = (path: string) => resolve(directory, path);
  const limits = all(
    Object.entries(document.limits ?? {}).map(([name, value]) =>
      parseLimitOverride(`${name}=${value}`),
    ),
  );
  const variables = all(Object.entries(env).map(([name, value]) => checkVariable(name, value)));
  const copyIn = all((document.copy_in ?? []).map((copy) => checkCopy(copy, 'in')));
  const copyOut = all((document.copy_out ?? []).map((copy) => checkCopy(copy, 'out')));
  const diagnostics = [limits, variables, copyIn, copyOut].flatMap((one) =>
    one.ok ? [] : one.diagnostics,
  );
  if (!limits.ok || !variables.ok || !copyIn.ok || !copyOut.ok) return { ok: false, diagnostics };
  const own = new Set(limits.value.map(({ name }) => name));
  const request: RunRequest = {
    ...defaults,
    argv,
    ...(user !== undefined && { user }),
    // The job's own limit stands for that of the command line.
    limits: [...(defaults.limits ?? []).filter(({ name }) => !own.has(name)), ...limits.value],
    variables: [...(defaults.variables ?? []), ...variables.value],
    ...(home !== undefined && { home }),
    ...(clean_home !== undefined && { cleanHome: clean_home }),
    copyIn: [
      ...(defaults.copyIn ?? []),
      ...copyIn.value.map(({ from, to }) => ({ from: onHost(from), to })),
    ],
    copyOut: [
      ...(defaults.copyOut ?? []),
      ...copyOut.value.map(({ from, to }) => ({ from, to: onHost(to) })),
    ],
  };
  if (stdin !== undefined) return { ok: true, value: { request, stdin: { text: stdin } } };
  if (stdin_file === undefined) return { ok: true, value: { request } };
  return { ok: true, value: { request, stdin: { file: onHost(stdin_file) } } };
}

/**
 * What a result is answered with.
 * @param number of the line, from 1
 */
export function jobId(line: string, number: number): string | number {
  const json = parseJson(line);
  const id = json.ok ? (json.value as Partial<JobDocument> | null)?.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : number;
}

/**
 * Reads one line of a batch.
 * @returns all that is wrong with it, not just the first
 */
export function parseJob(line: string, defaults: JobDefaults): Checked<Job> {
  const json = parseJson(line);
  if (!json.ok) return json;
  if (!validate(json.value)) return refuse((validate.errors ?? []).map(explain));
  return toJob(json.value as JobDocument, defaults);
}
