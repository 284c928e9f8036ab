import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import schema from '../../schemas/jails.schema.json' with { type: 'json' };
import { builtinLimits } from '../../src/manifest/limits.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { optionalNames } from '../../src/model/layers.ts';
import { engineNames, homeModes } from '../../src/model/settings.ts';

const root = join(import.meta.dirname, '../..');

type Json = Readonly<Record<string, unknown>>;

/** Each schema inside a schema that describes a field, with its place. */
function fields(node: unknown, place = ''): readonly (readonly [string, Json])[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = Object.entries(node).flatMap(([key, value]) =>
    key === 'properties' || key === 'definitions'
      ? Object.entries(value as Json).map(
          ([name, field]) => [`${place}/${key}/${name}`, field as Json] as const,
        )
      : [],
  );
  const inner = Object.entries(node).flatMap(([key, value]) => fields(value, `${place}/${key}`));
  return [...own, ...inner];
}

/** Looks examples up as values of the field that has them. */
function validator(place: string) {
  const ajv = new Ajv({ allowUnionTypes: true });
  ajv.addSchema(schema, 'jails');
  return ajv.compile({ $ref: `jails#${place}` });
}

describe('the schema of the manifest', () => {
  test('is a valid draft-07 schema, without a word that draft-07 does not know', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  test.each(fields(schema))('%s has a description and examples that it accepts', (place, field) => {
    expect(field['description']).toMatch(/\.$/);
    expect(field['examples']).toBeInstanceOf(Array);
    const validate = validator(place);
    for (const example of field['examples'] as unknown[]) {
      expect(validate(example), JSON.stringify(example)).toBe(true);
    }
    if ('default' in field) expect(validate(field['default'])).toBe(true);
  });

  test('takes no key that it does not know, in any map with fixed keys', () => {
    const maps = [['', schema as Json] as const, ...fields(schema)].filter(
      ([, field]) => 'properties' in field,
    );
    expect(maps.length).toBeGreaterThan(5);
    for (const [place, field] of maps) expect(field['additionalProperties'], place).toBe(false);
  });

  test('names the choices that jailctl has', () => {
    const { engine, home, optional_name } = schema.definitions;
    expect(engine.enum).toEqual(engineNames);
    expect(home.enum).toEqual(homeModes);
    expect(optional_name.enum).toEqual(optionalNames);
  });

  test('names the defaults that jailctl has', () => {
    const limits: Json = schema.definitions.limits.properties;
    const defaults = Object.entries(limits).map(([key, field]) => [
      key,
      (field as Json)['default'],
    ]);
    const written = Object.fromEntries(defaults);
    const text = JSON.stringify({ version: 1, jails: { a: { users: 0, limits: written } } });
    const manifest = loadManifest('jails.yaml', () => text);
    expect(manifest.ok && manifest.value.jails[0]?.limits).toEqual(builtinLimits);
  });
});

describe('the example manifest', () => {
  const text = readFileSync(join(root, 'jails.yaml'), 'utf8');
  test('says what README promises', () => {
    const manifest = loadManifest('jails.yaml', (path) => readFileSync(join(root, path), 'utf8'));
    expect(manifest).toMatchObject({
      ok: true,
      value: {
        root: '/',
        uids: { first: 70_000, last: 89_999 },
        jails: [
          {
            name: 'jail',
            path: '/jail',
            users: 2,
            tools: expect.arrayContaining([
              expect.objectContaining({ entry: 'python3' }),
              expect.objectContaining({ entry: 'ls' }),
            ]),
            limits: { ...builtinLimits, processes: 1 },
            network: { mode: 'none', refusal: 'reject' },
            env: { LANG: 'C.UTF-8' },
            protect: false,
          },
        ],
      },
    });
  });

  test('names a schema that is there, for editors', () => {
    const [, path = ''] = /\$schema=(\S+)/.exec(text) ?? [];
    expect(readFileSync(join(root, path), 'utf8')).toContain('draft-07');
  });
});
