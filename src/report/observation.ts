import type { FileType, QueryResult, Stat } from '../model/reader.ts';
import validate from '../model/validators/observation.cjs';
import type { PathQuery, Reads } from '../observed/reads.ts';
import { jsonText } from './json-text.ts';
import { badDocument, readDocument } from './read-document.ts';

const formatVersion = '1.0';

/** What was read of a host, and when. */
export interface Observation {
  /** ISO 8601, UTC. */
  readonly observedAt: string;
  readonly jailctlVersion: string;
  readonly reads: Reads;
}

type StatRow = readonly [FileType, ...number[]];

function rowOf(stat: Stat): StatRow {
  const { type, mode, uid, gid, sizeBytes, mtimeMs, ctimeMs, links, inode, device } = stat;
  const numbers = [mode, uid, gid, sizeBytes, mtimeMs, ctimeMs, links, inode, device];
  return [type, ...numbers, stat.major, stat.minor];
}

function statOf([type, ...numbers]: StatRow): Stat {
  const [mode = 0, uid = 0, gid = 0, sizeBytes = 0, mtimeMs = 0, ctimeMs = 0, ...rest] = numbers;
  const [links = 0, inode = 0, device = 0, major = 0, minor = 0] = rest;
  const mtimeSeconds = Math.floor(mtimeMs / 1000);
  const attributes = { type, mode, uid, gid, sizeBytes, mtimeSeconds, mtimeMs, ctimeMs };
  return { ...attributes, links, inode, device, major, minor };
}

function objectOf<V>(map: ReadonlyMap<string, V>, form: (value: V) => unknown = (one) => one) {
  return Object.fromEntries([...map].map(([key, value]) => [key, form(value)]));
}

/** An observation as the document that `schemas/observation.schema.json` describes. */
export function observationText({ observedAt, jailctlVersion, reads }: Observation): string {
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  const packed = (bytes: Uint8Array) => deflateRawSync(bytes).toString('base64');
  return jsonText({
    format_version: formatVersion,
    type: 'observation',
    observed_at: observedAt,
    jailctl_version: jailctlVersion,
    stats: objectOf(reads.stats, (stat) => stat && rowOf(stat)),
    lists: objectOf(reads.lists),
    links: objectOf(reads.links),
    texts: objectOf(reads.texts),
    parts: objectOf(reads.parts, (parts) => objectOf(parts, packed)),
    digests: objectOf(reads.digests),
    commands: objectOf(reads.commands),
    queries: objectOf(reads.queries),
    path_queries: [...reads.pathQueries.values()].map(({ argv, outputs }) => ({
      argv,
      outputs: objectOf(outputs),
    })),
  });
}

/** Is the text an observation of jailctl's, of whatever version and state? */
export function looksLikeObservation(text: string): boolean {
  return /^\{"format_version":"[0-9.]+","type":"observation"/.test(text);
}

interface Document {
  readonly observed_at: string;
  readonly jailctl_version: string;
  readonly stats: Record<string, StatRow | null>;
  readonly lists: Record<string, readonly string[] | null>;
  readonly links: Record<string, string>;
  readonly texts: Record<string, string | null>;
  readonly parts: Record<string, Record<string, string>>;
  readonly digests: Record<string, string>;
  readonly commands: Record<string, string | null>;
  readonly queries: Record<string, QueryResult>;
  readonly path_queries: readonly {
    readonly argv: readonly string[];
    readonly outputs: Record<string, string>;
  }[];
}

function mapOf<V, W = V>(
  object: Readonly<Record<string, V>>,
  form: (value: V) => W,
): Map<string, W> {
  return new Map(Object.entries(object).map(([key, value]) => [key, form(value)]));
}

function readsOf(document: Document): Reads {
  const same = <V>(value: V) => value;
  const { inflateRawSync } = process.getBuiltinModule('node:zlib');
  const unpacked = (base64: string): Uint8Array => inflateRawSync(Buffer.from(base64, 'base64'));
  const pathQueries = document.path_queries.map(({ argv, outputs }): [string, PathQuery] => [
    JSON.stringify(argv),
    { argv, outputs: mapOf(outputs, same) },
  ]);
  return {
    stats: mapOf(document.stats, (row) => row && statOf(row)),
    lists: mapOf(document.lists, same),
    links: mapOf(document.links, same),
    texts: mapOf(document.texts, same),
    parts: mapOf(document.parts, (parts) => mapOf(parts, unpacked)),
    digests: mapOf(document.digests, same),
    commands: mapOf(document.commands, same),
    queries: mapOf(document.queries, same),
    pathQueries: new Map(pathQueries),
  };
}

/**
 * Reads an observation back.
 * @param file its name, for messages
 * @throws Failure with exit code 3 for what is none, damaged, or of a newer jailctl
 */
export function readObservation(file: string, text: string): Observation {
  const form = {
    ...{ file, text, formatVersion, validate },
    type: 'observation',
    what: 'an observation of a host by jailctl',
    again: `observe again: jailctl observe --out ${file}`,
  };
  const document = readDocument(form) as unknown as Document;
  try {
    return {
      observedAt: document.observed_at,
      jailctlVersion: document.jailctl_version,
      reads: readsOf(document),
    };
  } catch {
    throw badDocument(form, 'is damaged: a part of a file in it can not be unpacked');
  }
}
