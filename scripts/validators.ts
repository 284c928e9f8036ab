// Compiles the JSON Schemas that jailctl itself reads by, into src/model/validators: to compile one
// at each start takes longer than most commands. `node scripts/validators.ts`, when one has changed
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv, type Options } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';

const root = new URL('..', import.meta.url).pathname;

/**
 * The schemas, by the names of their files. `allErrors`: a person wants to hear of every mistake.
 * `verbose`: each error carries the value and the schema that refused it.
 */
const compiled: Readonly<Record<string, Options>> = {
  jails: { allErrors: true, verbose: true },
  job: { allErrors: true },
  'saved-plan': {},
  observation: {},
};

type Json = Readonly<Record<string, unknown>>;

/** What is for people to read. A validator holds its schema, and would be twice as long. */
const annotations = ['title', 'description', 'examples'];

/** Keywords whose value has schemas by names of their own. */
const named = ['properties', 'definitions'];

/** A schema without its annotations, and with the name of each definition in it, for messages. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node as Json).flatMap(([key, value]) => {
    if (annotations.includes(key)) return [];
    if (!named.includes(key)) return [[key, bare(value)] as const];
    const schemas = Object.entries(value as Json).map(([name, schema]) => {
      const comment = key === 'definitions' ? { $comment: name } : {};
      return [name, { ...comment, ...(bare(schema) as Json) }] as const;
    });
    return [[key, Object.fromEntries(schemas)] as const];
  });
  return Object.fromEntries(entries);
}

const head = '// Written by scripts/validators.ts: change the schema, and run it again.\n';

/** The texts of the files, by their absolute paths. */
export function validatorFiles(): ReadonlyMap<string, string> {
  const files = Object.entries(compiled).map(([name, options]) => {
    const text = readFileSync(`${root}schemas/${name}.schema.json`, 'utf8');
    const schema = bare(JSON.parse(text)) as Json;
    const code = { source: true, lines: true };
    const ajv = new Ajv({ ...options, allowUnionTypes: true, code });
    const program = standalone.default(ajv, ajv.compile(schema));
    return [`${root}src/model/validators/${name}.cjs`, `${head}${program}`] as const;
  });
  return new Map(files);
}

if (import.meta.main) {
  for (const [path, text] of validatorFiles()) writeFileSync(path, text);
}
