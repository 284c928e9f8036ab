import type { Fact } from '../model/fact.ts';
import { sha256 } from '../model/sha256.ts';
import validate from '../model/validators/saved-plan.cjs';
import { badDocument, readDocument } from './read-document.ts';

const formatVersion = '1.0';

/** A file that the meaning of a manifest depends on. */
export interface RequirementDigest {
  readonly path: string;
  /** In hex. */
  readonly sha256: string;
}

/**
 * A plan that somebody may look at and approve. It approves, and holds no commands: `apply` makes
 * the plan anew, and carries that out when it relies on the same facts.
 */
export interface SavedPlan {
  /** Random: it names the plan, and is the salt of the manifest's digest. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly jailctlVersion: string;
  readonly manifest: {
    /** Absolute. */
    readonly path: string;
    /** scrypt, see cli/saved-plan.ts. */
    readonly digest: string;
    readonly requirements: readonly RequirementDigest[];
  };
  /** null: all. */
  readonly jails: readonly string[] | null;
  /** As `--archive` and `--no-archive` say; null: as each jail says. */
  readonly archive: string | false | null;
  /** The plan for people, as lines, without the values of variables. */
  readonly text: readonly string[];
  readonly facts: readonly Fact[];
}

function bodyOf(plan: SavedPlan): Record<string, unknown> {
  const { id, createdAt, jailctlVersion, manifest, jails, archive, text, facts } = plan;
  return {
    format_version: formatVersion,
    type: 'saved_plan',
    id,
    created_at: createdAt,
    jailctl_version: jailctlVersion,
    manifest,
    jails,
    archive,
    text,
    facts,
  };
}

/** It tells a damaged or edited file; nobody is kept from making another plan, which is no risk. */
function digestOf(body: unknown): string {
  return sha256(JSON.stringify(body));
}

/** The text of a saved plan: JSON, with one fact a line. */
export function savedPlanText(plan: SavedPlan): string {
  const body = bodyOf(plan);
  const head = JSON.stringify({ ...body, facts: [] });
  const facts = plan.facts.map((fact) => JSON.stringify(fact)).join(',\n');
  return `${head.slice(0, -2)}\n${facts}\n],"digest":"${digestOf(body)}"}\n`;
}

/** Is the text a saved plan of jailctl's, of whatever version and state? */
export function looksLikeSavedPlan(text: string): boolean {
  return /^\{"format_version":"[0-9.]+","type":"saved_plan"/.test(text);
}

/**
 * Reads a saved plan back.
 * @param file its name, for messages
 * @throws Failure with exit code 3 for what is none, damaged, edited, or of a newer jailctl
 */
export function readSavedPlan(file: string, text: string): SavedPlan {
  const form = {
    ...{ file, text, formatVersion, validate },
    type: 'saved_plan',
    what: 'a saved plan of jailctl',
    again: `make it again: jailctl plan --out ${file}`,
  };
  const { digest, ...body } = readDocument(form);
  if (digest !== digestOf(body)) {
    throw badDocument(form, 'was changed after jailctl wrote it: its digest does not fit');
  }
  return {
    id: body['id'],
    createdAt: body['created_at'],
    jailctlVersion: body['jailctl_version'],
    manifest: body['manifest'],
    jails: body['jails'],
    archive: body['archive'],
    text: body['text'],
    facts: body['facts'],
  } as SavedPlan;
}
