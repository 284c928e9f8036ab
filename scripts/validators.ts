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

const head = '// Written by scripts/validators.ts: change the schema, and run it again.\n';

/** The texts of the files, by their absolute paths. */
export function validatorFiles(): ReadonlyMap<string, string> {
  const files = Object.entries(compiled).map(([name, options]) => {
    const schema = JSON.parse(readFileSync(`${root}schemas/${name}.schema.json`, 'utf8'));
    const code = { source: true, lines: true };
    const ajv = new Ajv({ ...options, allowUnionTypes: true, code });
    const text = standalone.default(ajv, ajv.compile(schema));
    return [`${root}src/model/validators/${name}.cjs`, `${head}${text}`] as const;
  });
  return new Map(files);
}

if (import.meta.main) {
  for (const [path, text] of validatorFiles()) writeFileSync(path, text);
}
