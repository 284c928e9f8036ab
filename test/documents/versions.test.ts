import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import digests from './golden/digests.json' with { type: 'json' };
import { documentNames, versionOf } from './schemas.ts';

/**
 * What was printed once under a version stays so: the form of each version, and the shape of the
 * golden examples of the present one, are known by their digests in golden/digests.json.
 */
const recorded: Readonly<Record<string, string>> = digests;

const golden = new URL('golden/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, golden), 'utf8');
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The documents in a golden file: one, or one a line. */
function documentsIn(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

/** Which fields there are, and of which type: a line for each place. */
function shapeOf(value: unknown, place = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => shapeOf(one, `${place}[]`));
  if (typeof value !== 'object' || value === null) {
    return [`${place}: ${value === null ? 'null' : typeof value}`];
  }
  const fields = Object.entries(value);
  return [
    `${place}: object`,
    ...fields.flatMap(([name, held]) => shapeOf(held, `${place}/${name}`)),
  ];
}

const files = readdirSync(golden);
const forms = files.flatMap((file) => /^form-(.+-\d+\.\d+)\.txt$/.exec(file)?.[1] ?? []);

/** Golden examples by their file, `explain-path`, with the document that each is one of. */
const examples = files
  .filter((file) => file.endsWith('.txt') && !file.startsWith('form-'))
  .map((file) => file.replace(/\.txt$/, ''))
  .map(
    (name) =>
      [name, documentNames.find((one) => name === one || name.startsWith(`${one}-`))] as const,
  );

describe('what a version of a document means', () => {
  test.for(forms)('is never changed: the form of %s', (form) => {
    expect(
      digestOf(read(`form-${form}.txt`)),
      `the recorded form of ${form} was edited. Users rely on it: leave it, raise the format_version, and record the new form in a file of its own and its digest in golden/digests.json`,
    ).toBe(recorded[`form ${form}`]);
  });

  test.for(examples)('shows in its example: %s', ([name, document]) => {
    if (document === undefined) throw new Error(`golden/${name}.txt is of no document`);
    const key = `example ${name} ${versionOf(document)}`;
    const shape = [...new Set(documentsIn(read(`${name}.txt`)).flatMap((one) => shapeOf(one)))];
    expect(
      digestOf(shape.sort().join('\n')),
      `jailctl prints other fields in ${name} than before: raise the format_version of ${document} (minor for an addition), and record "${key}" in golden/digests.json. Where only the example has more in it, record its new digest`,
    ).toBe(recorded[key]);
  });

  test('is recorded for no form and no example that is gone', () => {
    const keys = [
      ...forms.map((form) => `form ${form}`),
      ...examples.map(([name, document]) => `example ${name} ${document && versionOf(document)}`),
    ];
    expect(Object.keys(recorded).sort()).toEqual(keys.sort());
  });

  test('has an example for each document', () => {
    const known = new Set(examples.map(([, document]) => document));
    expect(documentNames.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the shape of an example', () => {
  const shape = shapeOf({ a: [{ b: 1 }, { c: null }], d: 'x' });

  test.for([
    ['a field more', { a: [{ b: 1 }, { c: null }], d: 'x', e: true }],
    ['a field less', { a: [{ b: 1 }, { c: null }] }],
    ['another type', { a: [{ b: '1' }, { c: null }], d: 'x' }],
    ['another name', { a: [{ b: 1 }, { c: null }], f: 'x' }],
  ] as const)('is another with %s', ([, other]) => {
    expect(shapeOf(other)).not.toEqual(shape);
  });

  test('is the same with other values', () => {
    expect(shapeOf({ a: [{ b: 2 }, { c: null }], d: 'y' })).toEqual(shape);
  });
});
