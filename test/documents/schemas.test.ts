import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { schemaNames as printedNames } from '../../src/cli/commands/schema.ts';
import { allSchemas, documentNames, faults, schemaNames, schemas, strictAjv } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every schema inside a schema that describes a field or a list's item, with its place. */
function fields(node: unknown, place = ''): readonly (readonly [string, Json])[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    // These choose among fields that are described elsewhere.
    if (['if', 'then', 'not', 'else', 'examples', 'required', 'enum'].includes(key)) return [];
    const at = `${place}/${key}`;
    if (key === 'properties' || key === 'definitions') {
      return Object.entries(value as Json).flatMap(([name, field]) => [
        [`${at}/${name}`, field as Json] as const,
        ...fields(field, `${at}/${name}`),
      ]);
    }
    if (key === 'items' && !('$ref' in value)) return [[at, value as Json], ...fields(value, at)];
    return fields(value, at);
  });
}

const allFields = schemaNames.flatMap((name) =>
  [['', allSchemas[name] as Json] as const, ...fields(allSchemas[name])].map(
    ([place, field]) => [name, place, field] as const,
  ),
);

describe.for(schemaNames)('the schema of %s', (name) => {
  const schema = allSchemas[name];

  test('is a valid draft-07 schema, without a word that draft-07 does not know', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const ajv = strictAjv();
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  test('describes every field, and accepts its examples', () => {
    const ajv = strictAjv().addSchema(schema, name);
    const mine = allFields.filter(([owner]) => owner === name);
    expect(mine.length).toBeGreaterThan(3);
    for (const [, place, field] of mine) {
      expect(field['description'] ?? '', place).toMatch(/[.?]$/);
      expect(field['examples'], place).toBeInstanceOf(Array);
      const validate = ajv.compile({ $ref: `${name}#${place}` });
      for (const example of field['examples'] as unknown[]) {
        expect(validate(example), `${place}: ${JSON.stringify(example)}`).toBe(true);
      }
    }
  });

  test('takes no field that it does not name, but for the names of variables', () => {
    const maps = allFields.filter(([owner, , field]) => owner === name && field['properties']);
    expect(maps.length).toBeGreaterThan(0);
    for (const [, place, field] of maps) expect(field['additionalProperties'], place).toBe(false);
  });

  test('writes its fields in small letters with underscores', () => {
    const names = allFields
      .filter(([owner, place]) => owner === name && /\/properties\/[^/]+$/.test(place))
      .map(([, place]) => place.replace(/.*\//, ''));
    const odd = names.filter((field) => !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(field));
    expect(odd).toEqual([]);
  });
});

describe('the schemas together', () => {
  test('are all printed by jailctl schema, and no schema lies about unused', () => {
    expect(printedNames.filter((name) => name !== 'manifest').sort()).toEqual(
      [...schemaNames].sort(),
    );
    const files = readdirSync(new URL('../../schemas', import.meta.url));
    const expected = [...schemaNames, 'jails'].map((name) => `${name}.schema.json`);
    expect(files.sort()).toEqual(expected.sort());
  });

  test('describe the error that ends a run as the same error that other commands print', () => {
    const { error, diagnostic } = schemas.events.definitions;
    const { required, additionalProperties } = schemas.error;
    // Only in a batch there are jobs.
    const { id: _, ...properties } = schemas.error.properties;
    expect(error).toMatchObject({ properties, required, additionalProperties });
    expect(diagnostic).toEqual(schemas.error.definitions.diagnostic);
  });

  test.for([
    ['a field too many', { surplus: 1 }],
    ['a wrong version', { format_version: '2.0' }],
    ['no version', { format_version: undefined }],
  ])('refuse every example once it has %s', ([, mistake]) => {
    for (const name of documentNames) {
      for (const example of schemas[name].examples) {
        const spoilt = JSON.parse(JSON.stringify({ ...example, ...(mistake as Json) }));
        expect(faults(name, spoilt), name).not.toEqual([]);
      }
    }
  });

  test('refuse a change that lacks what its action needs, or that has the form of another kind', () => {
    const [plan] = schemas.plan.examples;
    const [change] = plan?.changes ?? [];
    const faultsOf = (changed: unknown) => faults('plan', { ...plan, changes: [changed] });
    expect(faultsOf(change)).toEqual([]);
    expect(faultsOf({ ...change, action: 'delete' })).not.toEqual([]);
    expect(faultsOf({ ...change, action: 'update' })).not.toEqual([]);
    expect(faultsOf({ ...change, before: change?.after })).not.toEqual([]);
    expect(faultsOf({ ...change, address: 'account/web1' })).not.toEqual([]);
    expect(faultsOf({ ...change, reasons: [] })).not.toEqual([]);
  });
});
