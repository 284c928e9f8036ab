import { variableNameProblem, variableValueProblem } from '../model/environment.ts';
import { optionalNames } from '../model/layers.ts';
import type { ToolRequest } from '../model/manifest.ts';
import type { Parsed } from '../model/problem.ts';
import {
  type AllowedTarget,
  type EngineName,
  engineNames,
  type HomeMode,
  homeModes,
  type Limits,
  type LoginMode,
  loginModes,
  type Network,
} from '../model/settings.ts';
import type { UidRange } from '../model/uid-range.ts';
import { canonicalKeys, parseAuthorizedKey } from './authorized-keys.ts';
import type { Findings } from './findings.ts';
import { parseLimit } from './limits.ts';
import { member } from './manifest-tree.ts';
import { jailNameProblem } from './names.ts';
import { canonicalTargets, parseDestination, parsePorts, portsWithoutProtocol } from './network.ts';
import { parsePath } from './paths.ts';
import type { RequirementFile } from './requirements.ts';
import { parseToolEntry } from './tool-entry.ts';
import { allowedUids, parseUids, uidCount } from './uids.ts';

/** What a manifest or its `defaults` says about every jail alike. */
export interface DraftSettings {
  readonly network: Network | undefined;
  readonly limits: Partial<Limits>;
  readonly env: Readonly<Record<string, string>>;
  readonly engine: EngineName | undefined;
  readonly home: HomeMode | undefined;
  readonly optional: readonly string[] | undefined;
  readonly archive: string | undefined;
  readonly login: LoginMode | undefined;
  readonly authorizedKeys: readonly string[] | undefined;
}

/** A jail as far as it could be read: what is wrong with it is undefined, and reported. */
export interface DraftJail extends DraftSettings {
  readonly pointer: string;
  readonly name: string;
  readonly hasGoodName: boolean;
  readonly users: number | undefined;
  /** Absent: the jail lives below `root`. */
  readonly path: { readonly value: string | undefined } | undefined;
  readonly tools: readonly ToolRequest[];
  readonly protect: boolean;
}

/** A manifest as far as it could be read. */
export interface Draft {
  readonly root: string | undefined;
  readonly uids: UidRange | undefined;
  readonly defaults: DraftSettings;
  readonly jails: readonly DraftJail[];
}

/** Gives a requirement file by its name in the manifest, or why it can't be read. */
export type RequirementLookup = (name: string) => Parsed<RequirementFile>;

type Fields = Readonly<Record<string, unknown>>;

const builtinRoot = '/';

/**
 * Reads the values of a manifest one by one and reports what is wrong inside each. A value of the
 * wrong type is passed over: the schema reports it.
 */
export function readDraft(
  value: unknown,
  defaultUids: UidRange,
  lookUp: RequirementLookup,
  findings: Findings,
): Draft {
  const fields = asFields(value);
  const jails = Object.entries(asFields(fields['jails']));
  return {
    root: 'root' in fields ? readPath('root', fields['root'], '/root', findings) : builtinRoot,
    uids: 'uids' in fields ? readUids(fields['uids'], findings) : defaultUids,
    defaults: readSettings(asFields(fields['defaults']), '/defaults', findings),
    jails: jails.map(([name, jail]) => readJail(name, asFields(jail), lookUp, findings)),
  };
}

function readJail(
  name: string,
  fields: Fields,
  lookUp: RequirementLookup,
  findings: Findings,
): DraftJail {
  const pointer = member('/jails', name);
  const users = asCount(fields['users']);
  const nameProblem = jailNameProblem(name, users ?? 1);
  if (nameProblem !== undefined) findings.report(pointer, 'key', nameProblem);
  const pathPointer = member(pointer, 'path');
  return {
    ...readSettings(fields, pointer, findings),
    pointer,
    name,
    hasGoodName: nameProblem === undefined,
    users,
    path:
      'path' in fields
        ? { value: readPath('path', fields['path'], pathPointer, findings) }
        : undefined,
    tools: [
      ...readRequirements(
        fields['requirements'],
        member(pointer, 'requirements'),
        lookUp,
        findings,
      ),
      ...readTools(fields['tools'], member(pointer, 'tools'), findings),
    ],
    protect: fields['protect'] === true,
  };
}

function readSettings(fields: Fields, pointer: string, findings: Findings): DraftSettings {
  return {
    network: readNetwork(fields['network'], member(pointer, 'network'), findings),
    limits: readLimits(asFields(fields['limits']), member(pointer, 'limits'), findings),
    env: readEnvironment(asFields(fields['env']), member(pointer, 'env'), findings),
    engine: asOneOf(engineNames, fields['engine']),
    home: asOneOf(homeModes, fields['home']),
    optional: 'optional' in fields ? readOptional(fields['optional']) : undefined,
    login: asOneOf(loginModes, fields['login']),
    authorizedKeys:
      'authorized_keys' in fields
        ? readKeys(fields['authorized_keys'], member(pointer, 'authorized_keys'), findings)
        : undefined,
    archive: readPath('archive', fields['archive'], member(pointer, 'archive'), findings),
  };
}

function readPath(
  field: string,
  value: unknown,
  pointer: string,
  findings: Findings,
): string | undefined {
  return typeof value === 'string' ? take(parsePath(field, value), pointer, findings) : undefined;
}

function readUids(value: unknown, findings: Findings): UidRange | undefined {
  return typeof value === 'string' ? take(parseUids(value), '/uids', findings) : undefined;
}

function readLimits(fields: Fields, pointer: string, findings: Findings): Partial<Limits> {
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const [key, value] of Object.entries(fields)) {
    const limit = parseLimit(key, value);
    if (limit === undefined) continue;
    const number = take(limit.number, member(pointer, key), findings);
    if (number !== undefined) limits[limit.field] = number;
  }
  return limits;
}

/** Unknown names are left to the schema. */
function readOptional(value: unknown): readonly string[] {
  const names = asList(value).flatMap((name) => asOneOf(optionalNames, name) ?? []);
  return [...new Set(names)].sort();
}

function readKeys(value: unknown, pointer: string, findings: Findings): readonly string[] {
  const keys = asList(value).flatMap((item, index) => {
    if (typeof item !== 'string' || item === '') return [];
    return take(parseAuthorizedKey(item), member(pointer, index), findings) ?? [];
  });
  return canonicalKeys(keys);
}

function readEnvironment(
  fields: Fields,
  pointer: string,
  findings: Findings,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(fields)) {
    const nameProblem = variableNameProblem(name);
    if (nameProblem !== undefined) findings.report(member(pointer, name), 'key', nameProblem);
    const valueProblem = typeof value === 'string' ? variableValueProblem(name, value) : undefined;
    if (valueProblem !== undefined) findings.report(member(pointer, name), 'value', valueProblem);
  }
  return Object.fromEntries(
    Object.entries(fields).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function readNetwork(value: unknown, pointer: string, findings: Findings): Network | undefined {
  if (value === undefined) return undefined;
  if (value === 'host') return { mode: 'host' };
  const fields = asFields(value);
  const refusal = fields['policy'] === 'drop' ? 'drop' : 'reject';
  const allow = member(pointer, 'allow');
  const targets = asList(fields['allow']).map((target, index) =>
    readTarget(asFields(target), member(allow, index), findings),
  );
  const known = targets.filter((target) => target !== undefined);
  if (known.length === 0) return { mode: 'none', refusal };
  return { mode: 'allow', refusal, targets: canonicalTargets(known) };
}

function readTarget(
  fields: Fields,
  pointer: string,
  findings: Findings,
): AllowedTarget | undefined {
  const { to, port } = fields;
  const destination =
    typeof to === 'string' && to !== ''
      ? take(parseDestination(to), member(pointer, 'to'), findings)
      : undefined;
  const isPort = typeof port === 'string' || isWithin(port, 1, 65_535);
  const ports = isPort ? take(parsePorts(port), member(pointer, 'port'), findings) : undefined;
  const named = fields['protocol'];
  const protocol = named === 'udp' || named === 'any' ? named : 'tcp';
  const mismatch = portsWithoutProtocol({ protocol, ports });
  if (mismatch !== undefined) findings.report(member(pointer, 'port'), 'key', mismatch);
  if (destination === undefined) return undefined;
  return { ...destination, protocol, ...(ports !== undefined && { ports }) };
}

function readTools(value: unknown, pointer: string, findings: Findings): ToolRequest[] {
  return asList(value).flatMap((item, index) => {
    if (typeof item !== 'string' || item === '') return [];
    const entry = take(parseToolEntry(item), member(pointer, index), findings);
    return entry === undefined ? [] : [{ ...entry, at: findings.at(member(pointer, index)) }];
  });
}

function readRequirements(
  value: unknown,
  pointer: string,
  lookUp: RequirementLookup,
  findings: Findings,
): readonly ToolRequest[] {
  return asList(value).flatMap((item, index) => {
    if (typeof item !== 'string' || item === '') return [];
    const file = take(lookUp(item), member(pointer, index), findings);
    findings.add(file?.diagnostics ?? []);
    return file?.requests ?? [];
  });
}

function take<T>(result: Parsed<T>, pointer: string, findings: Findings): T | undefined {
  if (result.ok) return result.value;
  findings.report(pointer, 'value', result.problem);
  return undefined;
}

function asFields(value: unknown): Fields {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Fields) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asOneOf<T extends string>(choices: readonly T[], value: unknown): T | undefined {
  return choices.find((choice) => choice === value);
}

function asCount(value: unknown): number | undefined {
  return isWithin(value, 0, uidCount(allowedUids)) ? value : undefined;
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
