import { Ajv, type ValidateFunction } from 'ajv';
import doctorSchema from '../../schemas/doctor.schema.json' with { type: 'json' };
import errorSchema from '../../schemas/error.schema.json' with { type: 'json' };
import eventsSchema from '../../schemas/events.schema.json' with { type: 'json' };
import explainSchema from '../../schemas/explain.schema.json' with { type: 'json' };
import importSchema from '../../schemas/import.schema.json' with { type: 'json' };
import jobSchema from '../../schemas/job.schema.json' with { type: 'json' };
import observationSchema from '../../schemas/observation.schema.json' with { type: 'json' };
import planSchema from '../../schemas/plan.schema.json' with { type: 'json' };
import runResultSchema from '../../schemas/run-result.schema.json' with { type: 'json' };
import savedPlanSchema from '../../schemas/saved-plan.schema.json' with { type: 'json' };
import setupSchema from '../../schemas/setup.schema.json' with { type: 'json' };
import statusSchema from '../../schemas/status.schema.json' with { type: 'json' };
import validationSchema from '../../schemas/validation.schema.json' with { type: 'json' };
import verifySchema from '../../schemas/verify.schema.json' with { type: 'json' };

/** The schemas of what jailctl prints, by the names that `jailctl schema` takes. */
export const schemas = {
  plan: planSchema,
  events: eventsSchema,
  error: errorSchema,
  explain: explainSchema,
  validation: validationSchema,
  'run-result': runResultSchema,
  verify: verifySchema,
  doctor: doctorSchema,
  setup: setupSchema,
  'saved-plan': savedPlanSchema,
  observation: observationSchema,
  import: importSchema,
  status: statusSchema,
} as const;

export type DocumentName = keyof typeof schemas;

export const documentNames = Object.keys(schemas) as readonly DocumentName[];

/** With those of what jailctl reads, but for the manifest, whose mistakes have places. */
export const allSchemas = { ...schemas, job: jobSchema } as const;

export type SchemaName = keyof typeof allSchemas;

export const schemaNames = Object.keys(allSchemas) as readonly SchemaName[];

/** The strictest ajv, but for fields that may be null or a text. */
export function strictAjv(): Ajv {
  return new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
}

/** Where a schema chooses between forms, one fault makes many. */
const shownMax = 12;

const validators = new Map<SchemaName, ValidateFunction>();

/** What is wrong with a document by its schema; empty when nothing is. */
export function faults(name: SchemaName, document: unknown): readonly string[] {
  const validate = validators.get(name) ?? strictAjv().compile(allSchemas[name]);
  validators.set(name, validate);
  if (validate(document)) return [];
  const all = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return all.slice(0, shownMax);
}

/** A schema without what is only for people: a line for each rule, in the order of their places. */
export function formOf(node: unknown, place = ''): readonly string[] {
  if (typeof node !== 'object' || node === null) return [`${place} ${JSON.stringify(node)}`];
  if (Array.isArray(node)) return node.flatMap((held) => formOf(held, place)).sort();
  const isRule = !/\/(?:properties|definitions)$/.test(place);
  return Object.entries(node)
    .filter(([key]) => !isRule || !['$schema', 'title', 'description', 'examples'].includes(key))
    .flatMap(([key, value]) => formOf(value, `${place}/${key}`))
    .sort();
}

/** The format_version that a schema's examples have. */
export function versionOf(name: DocumentName): string {
  const [example] = schemas[name].examples;
  return example?.format_version ?? '';
}
